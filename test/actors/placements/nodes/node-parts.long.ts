import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { of } from 'rxjs';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import { readerBytes } from '../../../../actors/placements/nodes/scheduling/memory-plan.js';
import type { Placement } from '../../../../actors/placements/placement.js';
import { threads } from '../../../../actors/placements/threads/threads.js';
import { fromFile } from '../../../../dataflow/sources/from-file.js';
import { train } from '../../../../dataflow/training/train.js';
import type { JobOptions } from '../../../../src/training/options.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { memoryOfThree, sharedJob, sparseRatings } from '../../../helpers/builders/node-memory.js';
import { scratchFolder } from '../../../helpers/builders/scratch-folder.js';
import { atTask } from '../../../helpers/fakes/at-task.js';
import { eventsOf, factorsOfRun } from '../../../helpers/probes/events.js';
import { runToEnd } from '../../../helpers/probes/runs.js';
import { natsServer, natsTest, workerProcess } from '../../../helpers/programs/nats.js';
import { threeNodesAgree } from '../../../helpers/suites/node-parts-suite.js';

/** Less than the job is larger than a worker; lengths and order of rows differ a little by source. */
const slackBytes = 2 ** 16;

/** The supervisor's rows lie in several memories. */
const inRowParts = (placement: Placement): Placement => ({ ...placement, partBytes: 70_000 });

for (const [what, options] of Object.entries({
  cholesky: { solver: 'cholesky' },
  subspaces: { solver: 'subspace', rank: 16, subspaceSize: 8 },
  biases: { feedback: 'explicit', biases: true, alpha: 0, regularization: 0.1 },
} satisfies Record<string, JobOptions>)) {
  natsTest(`three nodes hold what no two could, with the bits of threads: ${what}`, (t) =>
    threeNodesAgree(t, options),
  );
}

natsTest('three nodes take no more memory than they offer, most of it for rows', (t) => {
  const ratings = randomRatings({ users: 20_000, items: 8_000, density: 0.003 });
  return threeNodesAgree(t, { rank: 256, iterations: 3 }, ratings);
});

natsTest('workers that read their ratings hold only those of their blocks', async (t) => {
  const memory = memoryOfThree() + readerBytes + slackBytes;
  const folder = await scratchFolder(t);
  const path = join(folder, 'ratings.csv');
  const { byUser } = sparseRatings;
  const lines = Array.from({ length: byUser.rowCount }, (_, user) =>
    [...byUser.columns.subarray(byUser.offsets[user]!, byUser.offsets[user + 1]!)].map(
      (item) => `${user},${item},${1 + ((user + item) % 5)}`,
    ),
  );
  await writeFile(path, `user,item,rating\n${lines.flat().join('\n')}\n`);
  const { url: servers } = await natsServer(t);
  for (const name of ['alpha', 'beta', 'gamma']) {
    await workerProcess(t, servers, name, '--data', folder, '--memory', `${memory}`);
  }
  const settings = { rank: 12, iterations: 2, blocks: 12 };

  const events = await eventsOf(
    fromFile(path, { readBy: 'workers' }).pipe(
      train({ ...settings, placement: nodes({ servers, workers: 3, lostAfter: 30 }) }),
    ),
  );
  const expected = await eventsOf(
    fromFile(path).pipe(train({ ...settings, placement: threads(2) })),
  );

  t.deepEqual(factorsOfRun(events), factorsOfRun(expected));
});

natsTest('where no node has room, the job waits for one that has', async (t) => {
  const memory = memoryOfThree();
  const server = await natsServer(t);
  const victim = await workerProcess(t, server.url, 'alpha', '--memory', `${memory}`);
  await workerProcess(t, server.url, 'beta', '--memory', `${memory}`);
  await workerProcess(t, server.url, 'gamma', '--memory', `${memory}`);
  const expected = await runToEnd(sparseRatings, sharedJob, threads(2));
  let told: string[] = [];

  const outcome = await runToEnd(
    sparseRatings,
    sharedJob,
    atTask(
      inRowParts(nodes({ servers: server.url, workers: 3 })),
      { kind: 'solve', iteration: 2, side: 'user', block: 0 },
      () => victim.kill('SIGKILL'),
    ),
    (event) => {
      if (event.type !== 'fault' || !event.message.includes('no node has room')) return;
      told = [...told, event.message];
      void workerProcess(t, server.url, 'delta', '--memory', `${memory}`);
    },
  );

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, expected.factors);
  t.is(told.length, 1);
});

natsTest(
  'a job that found no room goes on from its checkpoint with a further worker',
  async (t) => {
    const memory = memoryOfThree() + slackBytes;
    const path = join(await scratchFolder(t), 'checkpoints');
    const server = await natsServer(t);
    const victim = await workerProcess(t, server.url, 'alpha', '--memory', `${memory}`);
    await workerProcess(t, server.url, 'beta', '--memory', `${memory}`);
    await workerProcess(t, server.url, 'gamma', '--memory', `${memory}`);
    const ratings$ = of(sparseRatings);
    const workers = (deadline: number) =>
      inRowParts(nodes({ servers: server.url, workers: 3, deadline }));
    const expected = await eventsOf(ratings$.pipe(train({ ...sharedJob, placement: threads(2) })));

    const killing = atTask(
      workers(3),
      { kind: 'solve', iteration: 3, side: 'user', block: 0 },
      () => victim.kill('SIGKILL'),
    );
    await t.throwsAsync(
      eventsOf(ratings$.pipe(train({ ...sharedJob, placement: killing, checkpoint: { path } }))),
      { message: /try 1 more worker with --memory/ },
    );
    await workerProcess(t, server.url, 'delta', '--memory', `${memory}`);
    const resumed = await eventsOf(
      ratings$.pipe(train({ ...sharedJob, placement: workers(30), resume: path })),
    );

    const [started] = resumed;
    t.is(started?.type === 'started' && started.resumed?.iteration, 2);
    t.deepEqual(factorsOfRun(resumed), factorsOfRun(expected));
  },
);
