import { loadCheckpoint } from '../../../src/io/load-checkpoint.js';
import { saveCheckpoint } from '../../../src/io/save-checkpoint.js';
import { loadModel } from '../../../src/model/store/load-model.js';
import type { Elements } from '../../../src/training/elements.js';
import { smallModel } from '../builders/models.js';

// Saves models or checkpoints of a writer's own, or loads them, so many times; beside others that do so
// too. Prints the first thing that went wrong, and ends with status 1.
const [, , task, folder, times, letter = 'a'] = process.argv;

const tasks: Readonly<Record<string, (round: number) => Promise<void>>> = {
  async save() {
    await smallModel({ userIds: [1, 2, 3].map((n) => `${letter}${n}`) }).save(folder!);
  },
  async load() {
    const ids = (await loadModel(folder!)).userIds.join();
    if (!/^(\w)1,\1[2],\1[3]$/.test(ids)) throw new Error(`loaded ${ids}`);
  },
  async checkpoint(round) {
    const iteration = round + 1;
    const loss = { observed: 1, unobserved: 0, regularization: 0, total: 1 };
    const errors = { rmse: 1, mae: 1, preferenceRmse: 1, loss };
    const snapshot = {
      iteration,
      userFactors: Float32Array.of(iteration, letter.charCodeAt(0)),
      itemFactors: Float32Array.of(iteration, letter.charCodeAt(0)),
      history: Array.from({ length: iteration }, (_, at) => ({ iteration: at + 1, ...errors })),
      kept: [],
    };
    await saveCheckpoint(folder!, { identity: { letter }, snapshot }, 1);
  },
  async resume() {
    const found = await loadCheckpoint(folder!);
    if (found === undefined) throw new Error('found no checkpoint');
    const { userFactors, itemFactors } = found.snapshot;
    if (textOf(userFactors) !== textOf(itemFactors)) throw new Error('found halves of two');
    if (found.damaged.length > 0) throw found.damaged[0]!.error;
  },
};

function textOf(elements: Elements): string {
  return elements.subarray(0, elements.length).join();
}

try {
  for (let round = 0; round < Number(times); round++) await tasks[task!]!(round);
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
  process.exitCode = 1;
}
