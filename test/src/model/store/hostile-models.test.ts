import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ModelFileError } from '../../../../src/errors.js';
import type { WritableColumn } from '../../../../src/io/arrow/column.js';
import { FactorModel } from '../../../../src/model/factor-model.js';
import { loadModel } from '../../../../src/model/store/load-model.js';
import { writeModel } from '../../../../src/model/store/write-model.js';
import { randomAt } from '../../../../src/random.js';
import { listedIds } from '../../../../src/ratings/id-vocabulary.js';
import { editManifest, forgePart } from '../../../helpers/builders/forge-model.js';
import { smallModel } from '../../../helpers/builders/models.js';
import { scratchFolder } from '../../../helpers/builders/scratch-folder.js';
import { decodeArrow, encodeArrow } from '../../../helpers/probes/arrow-bytes.js';

const failure = (code: ModelFileError['code']) => ({ instanceOf: ModelFileError, code });

async function saved(t: ExecutionContext): Promise<string> {
  const folder = await scratchFolder(t);
  await smallModel().save(folder);
  return folder;
}

test('one changed digit of the manifest is an error', async (t) => {
  const folder = await saved(t);
  const path = join(folder, 'manifest.json');
  const text = await readFile(path, 'utf8');
  const digits = [...text.matchAll(/\d/g)].map(({ index }) => index);

  for (const at of digits) {
    const digit = (Number(text[at]) + 1) % 10;
    await writeFile(path, `${text.slice(0, at)}${digit}${text.slice(at + 1)}`);
    const error = await t.throwsAsync(loadModel(folder), { instanceOf: ModelFileError });
    t.true(['ERR_MODEL_CHECKSUM', 'ERR_MODEL_VERSION'].includes(error!.code));
  }
});

test('a model with a damaged manifest can be replaced', async (t) => {
  const folder = await saved(t);
  const path = join(folder, 'manifest.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"rank": 2', '"rank": 3'));
  await t.throwsAsync(loadModel(folder), failure('ERR_MODEL_CHECKSUM'));

  await smallModel().save(folder);

  t.deepEqual((await loadModel(folder)).userIds, ['a', 'b', 'c']);
});

/** Columns that `writeModel` would not write, of each data file; the model is that of `smallModel`. */
const forged: readonly (readonly [what: string, part: string, Record<string, WritableColumn>])[] = [
  ['a seen item out of range', 'ratings', ratingsOf([0, 1, 3, 3], [0, 1, 9])],
  ['seen items that fall', 'ratings', ratingsOf([0, 1, 3, 3], [0, 2, 1])],
  ['a seen item twice', 'ratings', ratingsOf([0, 1, 3, 3], [0, 1, 1])],
  ['a rating that is none', 'ratings', ratingsOf([0, 1, 3, 3], [0, 1, 2], Number.NaN)],
  ['offsets of too few users', 'ratings', ratingsOf([0, 1, 3], [0, 1, 2])],
  ['a user twice', 'userFactors', usersOf(['a', 'b', 'a'], [1, 0, 0, 1, 0, 0])],
  ['too few users', 'userFactors', usersOf(['a', 'b'], [1, 0, 0, 1])],
  ['a factor that is NaN', 'userFactors', usersOf(['a', 'b', 'c'], [1, Number.NaN, 0, 1, 0, 0])],
  ['an infinite factor', 'userFactors', usersOf(['a', 'b', 'c'], [1, 0, 0, -1 / 0, 0, 0])],
  ['factors of another rank', 'userFactors', usersOf(['a', 'b', 'c'], [1, 0, 0], 1)],
];

for (const [what, part, columns] of forged) {
  test(`${what} is an error`, async (t) => {
    const folder = await saved(t);
    await forgePart(folder, part, await encodeArrow(columns));

    await t.throwsAsync(loadModel(folder), failure('ERR_MODEL_FORMAT'));
  });
}

test('offsets that fall, or lead outside, are an error', async (t) => {
  const whole = await encodeArrow(ratingsOf([0, 1, 3, 3], [0, 1, 2]));
  const offsets = Buffer.from(Int32Array.of(0, 1, 3, 3).buffer);
  const at = whole.indexOf(offsets);
  t.true(at > 0);
  for (const wrong of [
    [0, 3, 1, 3],
    [0, 1, 3, 4],
    [1, 1, 3, 3],
    [0, -1, 3, 3],
    [0, 1, 2, 2],
  ]) {
    const bytes = Buffer.from(whole);
    bytes.set(Buffer.from(Int32Array.from(wrong).buffer), at);
    await t.throwsAsync(decodeArrow(bytes), { any: true, instanceOf: RangeError });
  }
});

test('a data file with any changed byte is read or refused', async (t) => {
  for (const batchBytes of [undefined, 40]) {
    const whole = await encodeArrow(
      {
        ...usersOf(['a', 'bé', 'c'], [1, 0, 0, 1, 0, 0]),
        ...ratingsOf([0, 1, 3, 3], [0, 1, 2]),
      },
      batchBytes,
    );
    for (let at = 0; at < whole.length; at++) {
      for (const change of [1, 0x80, 1 + Math.floor(255 * randomAt(1, at, 0))]) {
        const bytes = Buffer.from(whole);
        bytes[at] = bytes[at]! ^ change;
        // A file of so few bytes is read in less than a millisecond; what hangs runs into AVA's limit.
        const error = await decodeArrow(bytes).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        const isKnown = [undefined, TypeError, RangeError].includes(error?.constructor as never);
        if (!isKnown) t.fail(`byte ${at} ^ ${change}: ${String(error)}`);
      }
    }
  }
  t.pass();
});

test('paths that are not files are refused before they are opened', async (t) => {
  for (const part of ['manifest.json', 'ratings']) {
    for (const put of [
      (path: string) => void spawnSync('mkfifo', [path]),
      (path: string) => mkdir(path),
      (path: string) => symlink('/dev/zero', path),
      (path: string) => symlink('nowhere', path),
    ]) {
      const folder = await saved(t);
      const name = (await readdir(folder)).find((file) => file.startsWith(part))!;
      await rm(join(folder, name));
      await put(join(folder, name));

      const error = await t.throwsAsync(loadModel(folder), { instanceOf: ModelFileError });
      t.is(error!.code, 'ERR_MODEL_FORMAT', error!.message);
    }
  }
});

test('a link in the place of a temporary file is not followed', async (t) => {
  const folder = await saved(t);
  const mine = join(await scratchFolder(t), 'mine');
  await writeFile(mine, 'mine');
  await symlink(mine, join(folder, 'manifest.json.tmp'));
  await symlink(mine, join(folder, 'ratings.0123456789abcdef.arrow.tmp'));

  await smallModel().save(folder);

  t.is(await readFile(mine, 'utf8'), 'mine');
  t.deepEqual((await loadModel(folder)).userIds, ['a', 'b', 'c']);
});

test('a model with factors that are no numbers is not saved', async (t) => {
  const folder = await saved(t);
  const broken = new FactorModel({
    rank: 2,
    userFactors: Float32Array.of(Number.NaN, 0),
    itemFactors: Float32Array.of(1, 1),
    users: listedIds(['x']),
    items: listedIds(['y']),
    seen: undefined,
    settings: smallModel().settings,
  });

  await t.throwsAsync(broken.save(folder), { ...failure('ERR_MODEL_FORMAT'), message: /NaN/ });

  t.deepEqual((await loadModel(folder)).userIds, ['a', 'b', 'c']);
});

test('a model in many record batches comes back, and is a plain Arrow file', async (t) => {
  const folder = await scratchFolder(t);
  const model = smallModel({ userIds: ['a'.repeat(100), 'ü', ''] });

  await writeModel(model, folder, { batchBytes: 30 });
  const loaded = await loadModel(folder);

  t.deepEqual(loaded.userIds, model.userIds);
  t.deepEqual(loaded.userFactors, model.userFactors);
  t.deepEqual(loaded.seen, model.seen);
});

for (const version of [2, 3]) {
  test(`a model of format version ${version} is loaded, and replaced`, async (t) => {
    const folder = await saved(t);
    const { files } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    // Up to version 3 names held a part of the checksum, and manifests no digest.
    for (const [part, { name, sha256 }] of Object.entries<{ name: string; sha256: string }>(
      files,
    )) {
      const old = name.replace(/\.[0-9a-f-]{26}\./, `.${sha256.slice(0, 16)}.`);
      await writeFile(join(folder, old), await readFile(join(folder, name)));
      await rm(join(folder, name));
      await editManifest(folder, (manifest) => {
        manifest.files[part].name = old;
      });
    }
    const path = join(folder, 'manifest.json');
    const { sha256: _, ...manifest } = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...manifest, formatVersion: version }, null, 2));

    const loaded = await loadModel(folder);
    await loaded.save(folder);

    t.deepEqual((await loadModel(folder)).recommend('a'), smallModel().recommend('a'));
    t.is((await readdir(folder)).length, 4);
  });
}

function ratingsOf(offsets: number[], items: number[], rating = 1): Record<string, WritableColumn> {
  const starts = Uint32Array.from(offsets);
  const ratings = new Float32Array(items.length).fill(rating);
  return {
    id: { type: 'utf8', values: ['a', 'b', 'c'].slice(0, offsets.length - 1) },
    items: { type: 'lists', offsets: starts, values: Uint32Array.from(items) },
    ratings: { type: 'lists', offsets: starts, values: ratings },
  };
}

function usersOf(ids: string[], factors: number[], width = 2): Record<string, WritableColumn> {
  return {
    id: { type: 'utf8', values: ids },
    factors: { type: 'vectors', width, values: Float32Array.from(factors) },
  };
}
