import type { Worker } from 'node:worker_threads';
import test from 'ava';
import { openThread } from '../../../../actors/placements/threads/thread.js';
import { threads } from '../../../../actors/placements/threads/threads.js';
import { InvalidOptionError } from '../../../../src/errors.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { jobFor } from '../../../helpers/probes/runs.js';
import { placementSuite, rankingSuite } from '../../../helpers/suites/placement-suite.js';

placementSuite(() => threads(1));
rankingSuite(() => threads(1));
placementSuite(() => threads(2));
rankingSuite(() => threads(2));

for (const count of [0, -1, 1.5, Number.NaN]) {
  test(`threads(${count}) is refused`, (t) => {
    t.throws(() => threads(count), { instanceOf: InvalidOptionError, code: 'ERR_INVALID_OPTION' });
  });
}

test.serial('a thread whose replacement dies while it starts is replaced again', async (t) => {
  const workers: Worker[] = [];
  const collect = (worker: Worker) => workers.push(worker);
  process.on('worker', collect);
  t.teardown(() => process.off('worker', collect));
  const ratings = randomRatings({ users: 9, items: 9, density: 0.5 });
  const { layout } = jobFor(ratings, { rank: 2 }, threads(1));
  const thread = await openThread(layout, 1);
  t.teardown(() => thread.close());
  await thread.run('check');

  const lost: Promise<unknown>[] = [];
  process.on('worker', kill);
  await workers[0]!.terminate();
  // The replacement is killed at birth, with a request waiting for it.
  lost.push(thread.run('check'));
  function kill(worker: Worker) {
    process.off('worker', kill);
    void worker.terminate();
  }

  await Promise.allSettled(lost);
  t.true(await thread.run('check'));
  t.true(workers.length >= 3);
});
