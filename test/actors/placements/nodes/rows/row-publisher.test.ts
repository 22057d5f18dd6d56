import { inProcess } from '../../../../../actors/placements/in-process.js';
import { nodes } from '../../../../../actors/placements/nodes/nodes.js';
import { startPrivateServer } from '../../../../../src/cli/private-server.js';
import { randomRatings } from '../../../../helpers/builders/jobs.js';
import { scratchFolder } from '../../../../helpers/builders/scratch-folder.js';
import { atTask } from '../../../../helpers/fakes/at-task.js';
import { runToEnd } from '../../../../helpers/probes/runs.js';
import {
  natsServer,
  natsTest,
  workerHere,
  workerProcess,
} from '../../../../helpers/programs/nats.js';

/** Blocks of users are 75 KiB each: too large to come with an answer. */
const ratings = randomRatings({ users: 2400, items: 40, density: 0.15 });
const options = { rank: 32, iterations: 3, blocks: 4 };
const undisturbed = runToEnd(ratings, options, inProcess());

natsTest('rows go from who solved them to the others, and no node gets its own', async (t) => {
  const { url: servers } = await natsServer(t);
  for (const name of ['alpha', 'beta', 'gamma']) await workerHere(t, { servers, name });

  const outcome = await runToEnd(ratings, options, nodes({ servers, workers: 3 }));

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await undisturbed).factors);
  const [, itemPhase] = outcome.events.filter((event) => event.type === 'phase');
  const users = 2400 * 32 * 4;
  t.is(itemPhase!.fullBroadcastBytes, 3 * (users + 32 * 32 * 4));
  // A block of items that has moved takes its rows with it.
  const most = 2 * users + 3 * 32 * 32 * 4 + 40 * 32 * 4;
  t.true(itemPhase!.broadcastBytes <= most, `${itemPhase!.broadcastBytes} > ${most}`);
});

natsTest('a node that dies while its rows are published costs time only', async (t) => {
  const { url: servers } = await natsServer(t);
  const victim = await workerProcess(t, servers, 'victim');
  for (const name of ['beta', 'gamma']) await workerHere(t, { servers, name });
  const task = { kind: 'solve', iteration: 2, side: 'user', block: 2 } as const;

  const outcome = await runToEnd(
    ratings,
    options,
    atTask(nodes({ servers, workers: 3 }), task, () => victim.kill('SIGKILL')),
  );

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await undisturbed).factors);
});

natsTest('rows that a server loses when it dies are published again', async (t) => {
  const folder = await scratchFolder(t);
  const first = await startPrivateServer({ folder });
  t.teardown(() => first.stop());
  const { url: servers } = first;
  for (const name of ['alpha', 'beta', 'gamma']) await workerHere(t, { servers, name });
  const task = { kind: 'solve', iteration: 2, side: 'user', block: 1 } as const;

  const outcome = await runToEnd(
    ratings,
    options,
    atTask(nodes({ servers, workers: 3 }), task, () => {
      first.process.once('exit', async () => {
        const second = await startPrivateServer({ folder, port: Number(new URL(servers).port) });
        t.teardown(() => second.stop());
      });
      first.process.kill('SIGKILL');
    }),
  );

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await undisturbed).factors);
});
