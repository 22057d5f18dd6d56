import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ModelFileError } from '../../../../src/errors.js';
import { createModel } from '../../../../src/model/create-model.js';
import { loadModel } from '../../../../src/model/store/load-model.js';
import { normalAt } from '../../../../src/random.js';
import { syntheticRatings } from '../../../../src/ratings/synthetic-ratings.js';
import { defaultJobOptions, paperSettings } from '../../../../src/training/options.js';
import { editManifest } from '../../../helpers/builders/forge-model.js';
import { randomModel, smallModel } from '../../../helpers/builders/models.js';
import { scratchFolder } from '../../../helpers/builders/scratch-folder.js';

const failure = (code: ModelFileError['code']) => ({ instanceOf: ModelFileError, code });

test('a loaded model is the saved one', async (t) => {
  const folder = await scratchFolder(t);
  const model = smallModel();

  await model.save(folder);
  const loaded = await loadModel(folder);

  t.is(loaded.rank, model.rank);
  t.deepEqual(loaded.userIds, model.userIds);
  t.deepEqual(loaded.itemIds, model.itemIds);
  t.deepEqual(loaded.userFactors, model.userFactors);
  t.deepEqual(loaded.itemFactors, model.itemFactors);
  t.deepEqual(loaded.seen, model.seen);
  t.deepEqual(loaded.settings, model.settings);
  t.deepEqual([...loaded.recommendAll()], [...model.recommendAll()]);
});

for (const rank of [1, 3, 64]) {
  test(`a model from training ratings in shared memory comes back at rank ${rank}`, async (t) => {
    const folder = await scratchFolder(t);
    const ratings = syntheticRatings({ users: 33, items: 21, density: 0.2, seed: 5 });
    const random = (rows: number) =>
      Float32Array.from({ length: rows * rank }, (_, at) => normalAt(rank, rows, at));
    const model = createModel({
      rank,
      stride: rank,
      userFactors: random(33),
      itemFactors: random(21),
      ratings,
      settings: { ...defaultJobOptions, ...paperSettings, rank },
    });

    await model.save(folder);
    const loaded = await loadModel(folder);

    t.deepEqual(loaded.userFactors, model.userFactors);
    t.deepEqual(loaded.itemFactors, model.itemFactors);
    t.deepEqual(loaded.seen, model.seen);
    t.deepEqual(loaded.recommend(0), model.recommend(0));
  });
}

test('loaded biases and the mean equal the saved ones', async (t) => {
  const folder = await scratchFolder(t);
  const model = randomModel({ rank: 3, users: 9, items: 7, biases: true });

  await model.save(folder);
  const loaded = await loadModel(folder);

  t.deepEqual(loaded.userBiases, model.userBiases);
  t.deepEqual(loaded.itemBiases, model.itemBiases);
  t.is(loaded.globalMean, 3.5);
  t.deepEqual([...loaded.recommendAll()], [...model.recommendAll()]);
});

test('a model of format version 1 has no biases and no mean', async (t) => {
  const folder = await saved(t);
  await editManifest(folder, (manifest) => {
    manifest.formatVersion = 1;
    delete manifest.globalMean;
  });

  const loaded = await loadModel(folder);

  t.is(loaded.globalMean, 0);
  t.is(loaded.userBiases, undefined);
  t.deepEqual(loaded.recommend('a'), smallModel().recommend('a'));
});

test('a loaded model can replace itself on disk', async (t) => {
  const folder = await saved(t);

  await (await loadModel(folder)).save(folder);

  t.deepEqual((await loadModel(folder)).recommend('a'), smallModel().recommend('a'));
});

test('a path with nothing there is an error', async (t) => {
  const folder = await saved(t);

  await t.throwsAsync(loadModel(join(folder, 'none')), failure('ERR_MODEL_NOT_FOUND'));
  const below = join(folder, 'manifest.json', 'none');
  await t.throwsAsync(loadModel(below), failure('ERR_MODEL_NOT_FOUND'));
});

test('a file or a directory of something else is an error', async (t) => {
  const folder = await saved(t);
  await mkdir(join(folder, 'empty'));

  await t.throwsAsync(loadModel(join(folder, 'manifest.json')), failure('ERR_MODEL_FORMAT'));
  await t.throwsAsync(loadModel(join(folder, 'empty')), failure('ERR_MODEL_FORMAT'));
});

for (const text of [
  '',
  '{"format":',
  '[]',
  'null',
  '{"format":"other"}',
  '{"format":"seesaw-model"}',
]) {
  test(`a manifest of ${text || 'nothing'} is an error`, async (t) => {
    const folder = await saved(t);
    await writeFile(join(folder, 'manifest.json'), text);

    await t.throwsAsync(loadModel(folder), failure('ERR_MODEL_FORMAT'));
  });
}

test('a model of a newer format is an error that names both versions', async (t) => {
  const folder = await saved(t);
  await editManifest(folder, (manifest) => {
    manifest.formatVersion = 5;
  });

  await t.throwsAsync(loadModel(folder), {
    ...failure('ERR_MODEL_VERSION'),
    message: /version 5 .* at most 4/,
  });
});

test('a manifest that names files outside its directory is an error', async (t) => {
  const folder = await saved(t);
  await editManifest(folder, ({ files }) => {
    files.ratings.name = `../${files.ratings.name}`;
  });

  await t.throwsAsync(loadModel(folder), failure('ERR_MODEL_FORMAT'));
});

test('a manifest whose sizes do not fit the data is an error', async (t) => {
  const folder = await saved(t);
  await editManifest(folder, (manifest) => {
    manifest.users.count = 4;
  });

  await t.throwsAsync(loadModel(folder), failure('ERR_MODEL_FORMAT'));
});

/** Settings that training would refuse, that are missing, or that are none. */
const badSettings: readonly (readonly [name: string, value: unknown])[] = [
  ['feedback', 'both'],
  ['rank', 3],
  ['rank', '2'],
  ['iterations', 0],
  ['regularization', -1],
  ['regularizationExponent', null],
  ['alpha', 'much'],
  ['unobservedWeight', -0.5],
  ['solver', 'magic'],
  ['cgSteps', 1.5],
  ['subspaceSize', 7],
  ['seed', -1],
  ['alpha', undefined],
  ['kernel', 'wasm'],
  ['colour', 'red'],
];
for (const [name, value] of badSettings) {
  test(`a manifest whose setting ${name} is ${JSON.stringify(value)} is an error`, async (t) => {
    const folder = await saved(t);
    await editManifest(folder, ({ settings }) => {
      settings[name] = value;
    });

    await t.throwsAsync(loadModel(folder), {
      ...failure('ERR_MODEL_FORMAT'),
      message: new RegExp(name),
    });
  });
}

test('a mean that is no number is an error', async (t) => {
  const folder = await saved(t);
  await editManifest(folder, (manifest) => {
    manifest.globalMean = 'high';
  });

  await t.throwsAsync(loadModel(folder), failure('ERR_MODEL_FORMAT'));
});

for (const part of ['userFactors', 'itemFactors', 'ratings', 'titles']) {
  test(`a truncated ${part} file is an error`, async (t) => {
    const { path, bytes, folder } = await dataFile(t, part);
    await truncate(path, bytes - 1);

    await t.throwsAsync(loadModel(folder), failure('ERR_MODEL_CHECKSUM'));
  });

  test(`one changed bit of the ${part} file is an error`, async (t) => {
    const { path, bytes, folder } = await dataFile(t, part);
    const content = await readFile(path);
    content[bytes >> 1]! ^= 1;
    await writeFile(path, content);

    await t.throwsAsync(loadModel(folder), failure('ERR_MODEL_CHECKSUM'));
  });

  test(`a missing ${part} file is an error`, async (t) => {
    const { path, folder } = await dataFile(t, part);
    await rm(path);

    await t.throwsAsync(loadModel(folder), failure('ERR_MODEL_FORMAT'));
  });
}

async function saved(t: ExecutionContext): Promise<string> {
  const folder = await scratchFolder(t);
  await smallModel().save(folder);
  return folder;
}

async function dataFile(t: ExecutionContext, part: string) {
  const folder = await scratchFolder(t);
  await smallModel()
    .withTitles([[10, 'ten']])
    .save(folder);
  const { files } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  const { name, bytes } = files[part] as { readonly name: string; readonly bytes: number };
  return { folder, path: join(folder, name), bytes };
}
