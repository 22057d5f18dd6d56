import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FixedSizeList, List, tableFromIPC, Utf8 } from 'apache-arrow';
import test from 'ava';
import { ModelFileError } from '../../../../src/errors.js';
import { loadModel } from '../../../../src/model/store/load-model.js';
import { packageVersion } from '../../../../src/version.js';
import { smallModel } from '../../../helpers/builders/models.js';
import { scratchFolder } from '../../../helpers/builders/scratch-folder.js';

const refused = { instanceOf: ModelFileError, code: 'ERR_MODEL_TARGET' };

test('a saved model has a manifest and three data files', async (t) => {
  const folder = join(await scratchFolder(t), 'new', 'model');

  await smallModel().save(folder);

  const names = (await readdir(folder)).sort();
  t.is(names.length, 4);
  t.regex(names[0]!, /^item-factors\.[0-9a-f-]{26}\.arrow$/);
  t.is(names[1], 'manifest.json');
  t.regex(names[2]!, /^ratings\.[0-9a-f-]{26}\.arrow$/);
  t.regex(names[3]!, /^user-factors\.[0-9a-f-]{26}\.arrow$/);
});

test('the data files are plain Arrow tables without nulls', async (t) => {
  const folder = await scratchFolder(t);
  await smallModel().save(folder);
  const { files } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  const read = async (part: string) => tableFromIPC(await readFile(join(folder, files[part].name)));

  const [users, ratings] = [await read('userFactors'), await read('ratings')];

  const [id, factors] = users.schema.fields;
  t.true(id!.type instanceof Utf8);
  t.true(factors!.type instanceof FixedSizeList);
  t.false(factors!.nullable);
  t.deepEqual(
    [...users.getChild('factors')!].map((row) => [...row]),
    [
      [1, 0],
      [0, 1],
      [0, 0],
    ],
  );
  t.true(ratings.schema.fields[1]!.type instanceof List);
  t.deepEqual([...ratings.getChild('id')!], ['a', 'b', 'c']);
  t.deepEqual(
    [...ratings.getChild('items')!].map((row) => [...row]),
    [[0], [1, 2], []],
  );
  t.deepEqual(
    [...ratings.getChild('ratings')!].map((row) => [...row]),
    [[5], [1, 2], []],
  );
});

test('saving over a model replaces it and removes its files', async (t) => {
  const folder = await scratchFolder(t);
  await smallModel().save(folder);

  await smallModel({ userIds: ['x', 'y', 'z'] }).save(folder);

  t.deepEqual((await loadModel(folder)).userIds, ['x', 'y', 'z']);
  t.is((await readdir(folder)).length, 4);
});

test('concurrent saves into one directory leave the last one whole', async (t) => {
  const folder = await scratchFolder(t);
  const models = ['1', '2', '3'].map((n) => smallModel({ userIds: [`a${n}`, `b${n}`, `c${n}`] }));

  await Promise.all(models.map((model) => model.save(folder)));

  t.deepEqual((await loadModel(folder)).userIds, ['a3', 'b3', 'c3']);
  t.is((await readdir(folder)).length, 4);
});

test('a save that fails leaves the old model and nothing of its own', async (t) => {
  const folder = await scratchFolder(t);
  await smallModel().save(folder);
  const broken = smallModel({ userIds: ['x', 'y', 'z'] });
  // JSON has no bigints: the manifest cannot be written after the data files are.
  Object.assign(broken.settings, { seed: 1n });
  const before = (await readdir(folder)).sort();

  await t.throwsAsync(broken.save(folder));

  t.deepEqual((await readdir(folder)).sort(), before);
  t.deepEqual((await loadModel(folder)).userIds, ['a', 'b', 'c']);
});

test('a save that fails leaves no directory that it made', async (t) => {
  const folder = await scratchFolder(t);
  const model = smallModel();
  const broken = smallModel();
  // JSON has no bigints: the manifest cannot be written after the data files are.
  Object.assign(broken.settings, { seed: 1n });

  await t.throwsAsync(broken.save(join(folder, 'a', 'b')));

  t.deepEqual(await readdir(folder), []);
  await t.notThrowsAsync(model.save(join(folder, 'a', 'b')));
});

test('saving into a directory with leftovers of a killed save works', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'user-factors.0123456789abcdef.arrow'), 'half');
  await writeFile(join(folder, 'ratings.0123456789abcdef.arrow.tmp'), 'half');
  await writeFile(join(folder, 'manifest.json.tmp'), '{');

  await smallModel().save(folder);

  t.is((await readdir(folder)).length, 4);
});

test('a process killed while it saves leaves a whole model', async (t) => {
  const folder = await scratchFolder(t);
  const helper = fileURLToPath(
    new URL('../../../helpers/programs/save-forever.js', import.meta.url),
  );

  for (const saves of [1, 2, 3, 5, 8]) {
    const child = spawn(process.execPath, [helper, folder]);
    t.teardown(() => child.kill('SIGKILL'));
    const lines = createInterface(child.stdout);
    let seen = 0;
    lines.on('line', () => {
      if (++seen === saves) child.kill('SIGKILL');
    });
    await once(child, 'close');

    const { userIds } = await loadModel(folder);
    t.true(['a,b,c', 'x,y,z'].includes(userIds.join()), userIds.join());
  }
});

test('a folder that is not a model is not overwritten', async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(join(folder, 'notes.txt'), 'mine');
  await mkdir(join(folder, 'foreign'));
  await writeFile(join(folder, 'foreign', 'manifest.json'), '{"name":"my web app"}');

  await t.throwsAsync(smallModel().save(folder), refused);
  await t.throwsAsync(smallModel().save(join(folder, 'notes.txt')), refused);
  await t.throwsAsync(smallModel().save(join(folder, 'notes.txt', 'model')), refused);
  await t.throwsAsync(smallModel().save(join(folder, 'foreign')), refused);

  t.deepEqual((await readdir(folder)).sort(), ['foreign', 'notes.txt']);
  t.is(await readFile(join(folder, 'notes.txt'), 'utf8'), 'mine');
  t.deepEqual(await readdir(join(folder, 'foreign')), ['manifest.json']);
});

test('the manifest names the version in package.json', async (t) => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));

  t.is(packageVersion, version);
});
