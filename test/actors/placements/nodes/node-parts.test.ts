import { once } from 'node:events';
import test from 'ava';
import { NodeMemoryError } from '../../../../actors/errors.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import { threads } from '../../../../actors/placements/threads/threads.js';
import { SwappableExecutor } from '../../../../actors/swappable-executor.js';
import { MemoryLimitError, PlacementError } from '../../../../src/errors.js';
import { isParted, type PartedLayout } from '../../../../src/kernels/parts/parted-layout.js';
import { chooseKernel } from '../../../../src/kernels/select/choose-kernel.js';
import type { Job } from '../../../../src/training/job.js';
import { createSpreadJob } from '../../../../src/training/parts/create-spread-job.js';
import { settingsAsInPaper } from '../../../helpers/builders/as-in-paper.js';
import {
  memoryOfThree,
  roomsFor,
  roomyNodes,
  sharedJob,
  sparseRatings,
} from '../../../helpers/builders/node-memory.js';
import { atTask } from '../../../helpers/fakes/at-task.js';
import { faultsOf, jobFor, lossesOf, runToEnd } from '../../../helpers/probes/runs.js';
import { natsServer, natsTest, workerHere, workerProcess } from '../../../helpers/programs/nats.js';
import { threeNodesAgree } from '../../../helpers/suites/node-parts-suite.js';

/** Some blocks of rows of the shared job, not those of a side. */
const rowsBytes = 70_000;

natsTest('three nodes hold what no two could, with the bits of threads', (t) =>
  threeNodesAgree(t, {}),
);

natsTest('a supervisor whose rows lie in several memories gives the bits of threads', async (t) => {
  const { url: servers } = await natsServer(t);
  for (const name of ['alpha', 'beta']) await workerHere(t, { servers, name });
  const options = { ...sharedJob, feedback: 'explicit', biases: true, alpha: 0 } as const;
  const expected = await runToEnd(sparseRatings, options, threads(2));

  for (const routing of ['routed', 'broadcast'] as const) {
    const placement = { ...nodes({ servers, workers: 2, routing }), partBytes: rowsBytes };
    const outcome = await runToEnd(sparseRatings, options, placement);

    t.is(outcome.error, undefined);
    t.deepEqual(outcome.factors, expected.factors);
  }
});

test('a job for nodes that is too large for one memory has its rows in parts, without ratings', (t) => {
  const { layout } = spreadJob(rowsBytes);

  t.true(isParted(layout));
  const { user, item, rated } = layout as PartedLayout;
  t.true(user.parts.length > 2 && item.parts.length > 1);
  t.is(rated!.memory, sparseRatings.arena.memory);
  const rows = user.parts.map(({ layout: { user } }) => user.rowCount);
  t.is(
    rows.reduce((sum, count) => sum + count),
    2000,
  );
  t.deepEqual(
    user.parts.map(({ layout: { item } }) => item.rowCount),
    user.parts.map(() => 0),
  );
});

test('a job for nodes with a block whose rows are too many is refused, with the bytes', (t) => {
  const { neededBytes, limitBytes } = t.throws(() => spreadJob(10_000), {
    instanceOf: MemoryLimitError,
    message: /one of 12 blocks alone is too large/,
  });

  t.true(neededBytes > limitBytes);
  t.is(limitBytes, 10_000);
});

test('a job in parts elsewhere does not come to threads, and stays', async (t) => {
  const job = spreadJob(rowsBytes);
  const executor = new SwappableExecutor(job, () => {});

  await t.throwsAsync(executor.moveTo(threads(1)), {
    instanceOf: PlacementError,
    message: /expected nodes/,
  });
});

natsTest('a killed node is made up for by one with room, with the same bits', async (t) => {
  const memory = memoryOfThree();
  const server = await natsServer(t);
  const victim = await workerProcess(t, server.url, 'alpha', '--memory', `${memory}`);
  await workerProcess(t, server.url, 'beta', '--memory', `${memory}`);
  await workerProcess(t, server.url, 'gamma', '--memory', `${2 * memory}`);
  const expected = await runToEnd(sparseRatings, sharedJob, threads(2));

  const outcome = await runToEnd(
    sparseRatings,
    sharedJob,
    atTask(
      nodes({ servers: server.url, workers: 3 }),
      { kind: 'solve', iteration: 2, side: 'item', block: 0 },
      () => victim.kill('SIGKILL'),
    ),
  );

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, expected.factors);
  t.true(lossesOf(outcome).some((fault) => fault.startsWith('alpha')));
});

natsTest('a job that finds no room within the deadline ends, with the numbers', async (t) => {
  const memory = memoryOfThree();
  const server = await natsServer(t);
  const victim = await workerProcess(t, server.url, 'alpha', '--memory', `${memory}`);
  await workerProcess(t, server.url, 'beta', '--memory', `${memory}`);
  await workerProcess(t, server.url, 'gamma', '--memory', `${memory}`);

  const { error, events } = await runToEnd(
    sparseRatings,
    sharedJob,
    atTask(
      nodes({ servers: server.url, workers: 3, deadline: 3 }),
      { kind: 'solve', iteration: 2, side: 'user', block: 0 },
      () => victim.kill('SIGKILL'),
    ),
  );

  t.regex(String(error), /try 1 more worker with --memory/);
  t.true(faultsOf({ events }).some((fault) => fault.includes('no node has room')));
  if (victim.exitCode === null && victim.signalCode === null) await once(victim, 'exit');
});

natsTest('a job too large for the workers is refused before training', async (t) => {
  const memory = memoryOfThree();
  const server = await natsServer(t);
  await workerProcess(t, server.url, 'alpha', '--memory', `${memory}`);
  await workerProcess(t, server.url, 'beta', '--memory', `${memory}`);

  const { error, events } = await runToEnd(
    sparseRatings,
    sharedJob,
    nodes({ servers: server.url, workers: 2 }),
  );

  t.true(error instanceof NodeMemoryError);
  const { code, offeredBytes, neededBytes, moreWorkers } = error as NodeMemoryError;
  t.is(code, 'ERR_NODE_MEMORY');
  t.is(offeredBytes, 2 * memory);
  t.true(neededBytes > offeredBytes);
  t.is(moreWorkers, 1);
  t.false(events.some(({ type }) => type === 'phase'));
});

test('a block larger than every worker is told apart from too few workers', (t) => {
  const rooms = roomsFor(jobFor(sparseRatings, sharedJob, threads(2)));

  const shortage = rooms.shortage(roomyNodes(3, 1000));

  t.is(shortage!.moreWorkers, undefined);
  t.true(shortage!.neededBytes > 1000);
});

test('blocks that do not fit one memory of a node come to it as several parts', (t) => {
  const job = jobFor(sparseRatings, sharedJob, threads(2));
  const [node] = roomyNodes(1, 2 ** 40);
  const blocks = [...job.layout.user.blockStarts.keys()].slice(0, -1);

  const whole = roomsFor(job).cut(node!, 'user', blocks.toReversed());
  const parts = roomsFor(job, 400_000).cut(node!, 'user', blocks);

  t.deepEqual(whole, [{ side: 'user', blocks }]);
  t.true(parts.length > 1);
  t.deepEqual(
    parts.flatMap((part) => part.blocks),
    blocks,
  );
});

test('a block that fits no memory is refused with its bytes, whatever workers offer', (t) => {
  const rooms = roomsFor(jobFor(sparseRatings, sharedJob, threads(2)), 10_000);

  const { moreWorkers, neededBytes, offeredBytes } = rooms.shortage(roomyNodes(3, 2 ** 40))!;

  t.is(moreWorkers, undefined);
  t.true(neededBytes > 10_000 && neededBytes < 2 ** 30);
  t.is(offeredBytes, 10_000);
});

function spreadJob(partBytes: number): Job {
  const settings = settingsAsInPaper(sharedJob);
  const kernel = chooseKernel('auto');
  return createSpreadJob({ ratings: sparseRatings, settings, kernel, slots: 1 }, partBytes);
}
