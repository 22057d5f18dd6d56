import { once } from 'node:events';
import test from 'ava';
import { NodeMemoryError } from '../../../../actors/errors.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import { threads } from '../../../../actors/placements/threads/threads.js';
import {
  memoryOfThree,
  roomsFor,
  roomyNodes,
  sharedJob,
  sparseRatings,
} from '../../../helpers/builders/node-memory.js';
import { atTask } from '../../../helpers/fakes/at-task.js';
import { faultsOf, jobFor, lossesOf, runToEnd } from '../../../helpers/probes/runs.js';
import { natsServer, natsTest, workerProcess } from '../../../helpers/programs/nats.js';
import { threeNodesAgree } from '../../../helpers/suites/node-parts-suite.js';

natsTest('three nodes hold what no two could, with the bits of threads', (t) =>
  threeNodesAgree(t, {}),
);

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
