import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { loadCheckpoint } from '../../../src/io/load-checkpoint.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import {
  killedTraining,
  resumedModel,
  undisturbedModel,
} from '../../helpers/programs/killed-training.js';

test('processes killed at many random moments always resume to the same model', async (t) => {
  const folder = join(await scratchFolder(t));
  const undisturbed = await undisturbedModel();
  let deaths = 0;
  let deathsWhileWriting = 0;
  let models = 0;

  for (let seed = 100; seed < 160; seed++) {
    const { model, wasWriting } = await killedTraining(folder, seed, seed % 3);
    const checkpoint = await loadCheckpoint(folder);
    t.deepEqual(checkpoint?.damaged ?? [], [], `killed by ${seed}`);
    if (model === undefined) deaths++;
    if (model === undefined && wasWriting) deathsWhileWriting++;
    if (checkpoint?.snapshot.iteration !== 12) continue;
    t.is(await resumedModel(folder), undisturbed, `killed by ${seed}`);
    models++;
    for (const part of ['json', 'user-factors.arrow', 'item-factors.arrow']) {
      for (const iteration of [11, 12]) {
        await rm(join(folder, `checkpoint-${iteration}.${part}`), { force: true });
      }
    }
  }

  t.log(`${deaths} killed, ${deathsWhileWriting} of them while writing, ${models} models`);
  t.is(await resumedModel(folder), undisturbed);
  t.true(deathsWhileWriting > 5);
});
