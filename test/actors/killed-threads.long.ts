import type { Worker } from 'node:worker_threads';
import test from 'ava';
import { inProcess } from '../../actors/placements/in-process.js';
import { threads } from '../../actors/placements/threads/threads.js';
import { randomAt } from '../../src/random.js';
import { randomRatings } from '../helpers/builders/jobs.js';
import { runToEnd } from '../helpers/probes/runs.js';

test('threads killed at many random moments never change the model', async (t) => {
  const ratings = randomRatings({ users: 700, items: 500, density: 0.3 });
  const options = { rank: 64, iterations: 6, blocks: 8 };
  const undisturbed = await runToEnd(ratings, options, inProcess());
  const workers: Worker[] = [];
  const collect = (worker: Worker) => workers.push(worker);
  process.on('worker', collect);
  t.teardown(() => process.off('worker', collect));
  let faults = 0;

  for (let round = 0; round < 40; round++) {
    let kills = 0;
    const disturbed = await runToEnd(ratings, options, threads(2), (event) => {
      if (event.type === 'fault') faults++;
      // A block may fail three times in a phase, so at most two kills a run.
      if (event.type !== 'phase' || kills === 2) return;
      if (randomAt(round, event.iteration, event.side === 'user' ? 0 : 1) > 0.4) return;
      kills++;
      const delayMs = 4 * randomAt(round, event.iteration, 2);
      setTimeout(() => workers.at(-1)?.terminate(), delayMs);
    });
    t.deepEqual(disturbed.factors, undisturbed.factors, `round ${round}`);
  }

  t.log(`${faults} blocks lost`);
  t.true(faults > 0);
});
