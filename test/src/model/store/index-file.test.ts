import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { FactorModel } from '../../../../src/model/factor-model.js';
import type { IndexOrigin } from '../../../../src/model/ranking/index-store.js';
import { loadModel } from '../../../../src/model/store/load-model.js';
import { randomModel } from '../../../helpers/builders/models.js';
import { scratchFolder } from '../../../helpers/builders/scratch-folder.js';

const shape = { rank: 20, users: 6, items: 1000, zeroRows: 0.1 };

for (const biases of [false, true]) {
  const kind = biases ? 'with biases, which has two,' : 'without biases';
  test(`a model ${kind} is loaded with its index and gives the same lists`, async (t) => {
    const folder = await scratchFolder(t);
    const model = randomModel({ ...shape, biases });
    const built = await model.buildIndex();
    await model.save(folder);

    const { loaded, origin } = await indexed(folder);

    t.is(origin.from, 'file');
    t.deepEqual(loaded.index!.packed, built.packed);
    t.deepEqual(listsOf(loaded), listsOf(randomModel({ ...shape, biases })));
  });
}

test('a model that is saved over another never has its index', async (t) => {
  const folder = await scratchFolder(t);
  await saveIndexed(randomModel(shape), folder);
  const [old] = await indexFiles(folder);
  const bytes = await readFile(join(folder, old!));
  await randomModel({ ...shape, seed: 2 }).save(folder);
  t.deepEqual(await indexFiles(folder), [], 'the old index is removed');

  // As if a name came twice.
  const factors = (await readdir(folder)).find((name) => name.startsWith('item-factors'))!;
  const name = factors.replace('factors', 'index').replace('arrow', 'bin');
  await writeFile(join(folder, name), bytes);
  const { loaded, origin } = await indexed(folder);

  t.like(origin, { from: 'rows', found: 'an index of other factors' });
  t.deepEqual(listsOf(loaded), listsOf(randomModel({ ...shape, seed: 2 })));
});

test('a model is not served from an index of a model that was replaced while it was loaded', async (t) => {
  const folder = await scratchFolder(t);
  await saveIndexed(randomModel(shape), folder);
  const loaded = await loadModel(folder);
  await saveIndexed(randomModel({ ...shape, seed: 2 }), folder);
  const after = await indexFiles(folder);

  const origin = await originOf(loaded);

  t.like(origin, { from: 'rows', found: 'no saved index', unsaved: undefined });
  t.deepEqual(listsOf(loaded), listsOf(randomModel(shape)));
  t.deepEqual(await indexFiles(folder), after, 'its index is not left behind');
  t.is((await indexed(folder)).origin.from, 'file');
});

test('a damaged index is built anew and saved again', async (t) => {
  const folder = await scratchFolder(t);
  await saveIndexed(randomModel(shape), folder);
  const file = join(folder, (await indexFiles(folder))[0]!);
  const whole = await readFile(file);
  const expected = listsOf(randomModel(shape));
  const changed = (at: number) => Buffer.from(whole).fill(whole[at]! ^ 4, at, at + 1);
  const header = whole.readUInt32LE();
  const positions = whole.length - 4;
  const damaged = [
    ...[0, 3, 4, 90, header + 2, header + 5000, positions].map(changed),
    ...[0, 3, 100, header + 4, whole.length - 1].map((bytes) => whole.subarray(0, bytes)),
    Buffer.concat([whole, Buffer.of(0)]),
  ];

  for (const [at, bytes] of damaged.entries()) {
    await writeFile(file, bytes);
    const { loaded, origin } = await indexed(folder);
    t.is(origin.from, 'rows', `damage ${at}`);
    t.regex(origin.found!, /^(a damaged index|an index that cannot be read)/);
    t.deepEqual(listsOf(loaded), expected);
    t.deepEqual(await readFile(file), whole);
  }
});

test('an index that cannot be saved, or read, is built all the same', async (t) => {
  const folder = await scratchFolder(t);
  const isRoot = process.getuid?.() === 0;
  await randomModel(shape).save(folder);
  const loaded = await loadModel(folder);
  // Nobody can write into a folder that is gone, not even root.
  await rename(folder, `${folder}-moved`);
  const origin = await originOf(loaded);
  await rename(`${folder}-moved`, folder);
  await chmod(folder, 0o555);
  const locked = (await indexed(folder)).origin;
  await chmod(folder, 0o755);

  t.like(origin, { from: 'rows', found: 'no saved index' });
  t.regex(origin.unsaved!, /ENOENT/);
  t.is(locked.unsaved === undefined, isRoot);
});

test('a change of what an index holds needs another version of its file', async (t) => {
  const folder = await scratchFolder(t);
  await saveIndexed(randomModel({ ...shape, biases: true }), folder);
  const bytes = await readFile(join(folder, (await indexFiles(folder))[0]!));
  const start = 4 + bytes.readUInt32LE();

  t.is(JSON.parse(bytes.toString('utf8', 4, start)).formatVersion, 1);
  t.is(
    createHash('sha256').update(bytes.subarray(start)).digest('hex').slice(0, 16),
    'e005c4b2ac0731e3',
  );
});

async function saveIndexed(model: FactorModel, folder: string): Promise<void> {
  await model.buildIndex();
  await model.save(folder);
}

async function indexed(folder: string) {
  const loaded = await loadModel(folder);
  return { loaded, origin: await originOf(loaded) };
}

async function originOf(model: FactorModel): Promise<IndexOrigin> {
  const origins: IndexOrigin[] = [];
  await model.buildIndex({ save: true, onBuilt: (origin) => origins.push(origin) });
  return origins[0]!;
}

async function indexFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('item-index'));
}

function listsOf(model: FactorModel) {
  return model.userIds.map((user) => [model.recommend(user), model.similarItems(user)]);
}
