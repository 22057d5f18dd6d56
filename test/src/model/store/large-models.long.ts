import { readdir, stat } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { FactorModel } from '../../../../src/model/factor-model.js';
import { type ModelSettings, modelSettings } from '../../../../src/model/model-settings.js';
import { loadModel } from '../../../../src/model/store/load-model.js';
import { denseIds, type IdVocabulary, listedIds } from '../../../../src/ratings/id-vocabulary.js';
import { defaultJobOptions, paperSettings } from '../../../../src/training/options.js';
import { scratchFolder } from '../../../helpers/builders/scratch-folder.js';

const neededBytes = 10 * 2 ** 30;

const settings = (rank: number): ModelSettings =>
  modelSettings({ ...defaultJobOptions, ...paperSettings, rank });

/** A model whose factors tell their place, of users with these ids and two items. */
function largeModel(rank: number, users: IdVocabulary): FactorModel {
  const userFactors = new Float32Array(users.size * rank);
  for (let at = 0; at < userFactors.length; at++) userFactors[at] = at % 8191;
  return new FactorModel({
    rank,
    userFactors,
    itemFactors: new Float32Array(2 * rank).fill(1),
    users,
    items: denseIds(2),
    seen: undefined,
    settings: settings(rank),
  });
}

const comesBack = test.macro({
  async exec(t, rank: number, ids: () => IdVocabulary, minBytes: number) {
    if (freemem() < neededBytes) {
      t.log(`skipped: needs ${neededBytes / 2 ** 30} GiB of memory`);
      return t.pass();
    }
    const folder = await scratchFolder(t);
    const users = ids();
    const model = largeModel(rank, users);

    await model.save(folder);
    const name = (await readdir(folder)).find((file) => file.startsWith('user-factors'))!;
    t.true((await stat(join(folder, name))).size > minBytes);
    const loaded = await loadModel(folder);

    t.is(loaded.userFactors.length, model.userFactors.length);
    // Views of bytes compare as fast as memory does, in pieces that a Buffer may have.
    for (let at = 0; at < model.userFactors.length; at += 2 ** 26) {
      const bytes = ({ userFactors }: FactorModel) => {
        const { buffer, byteOffset, byteLength } = userFactors.subarray(at, at + 2 ** 26);
        return Buffer.from(buffer, byteOffset, byteLength);
      };
      t.true(bytes(loaded).equals(bytes(model)));
    }
    for (const position of [0, users.size >> 1, users.size - 1]) {
      t.is(loaded.userIds[position], users.at(position));
    }
  },
  title: (title) => `${title} come back`,
});

test.serial(
  'six hundred ids of a megabyte each',
  comesBack,
  2,
  () => listedIds(Array.from({ length: 600 }, (_, row) => `${row}-`.padEnd(2 ** 20, 'x'))),
  2 ** 29,
);

test.serial(
  'three million users with UUIDs as ids, in many record batches',
  comesBack,
  2,
  () =>
    listedIds(
      Array.from(
        { length: 3_000_000 },
        (_, row) => `0195f3a8-7c1e-7000-8000-${row.toString(16).padStart(12, '0')}`,
      ),
    ),
  2 ** 26,
);

test.serial(
  'factors of more than two gibibytes',
  comesBack,
  512,
  () => denseIds(1_200_000),
  2 ** 31,
);
