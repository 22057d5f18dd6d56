import test from 'ava';
import { loadCheckpoint } from '../../../src/io/load-checkpoint.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import {
  killedTraining,
  resumedModel,
  undisturbedModel,
} from '../../helpers/programs/killed-training.js';

test('a process that is killed again and again resumes to the same model', async (t) => {
  const folder = await scratchFolder(t);
  const undisturbed = undisturbedModel();

  for (const seed of [1, 2, 3, 4]) {
    await killedTraining(folder, seed);
    t.deepEqual((await loadCheckpoint(folder))?.damaged ?? [], [], `killed by ${seed}`);
  }

  t.is(await resumedModel(folder), await undisturbed);
});
