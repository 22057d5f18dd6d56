import { connect, type NatsConnection } from '@nats-io/transport-node';
import { ConnectionError } from '../../../../actors/errors.js';
import { inProcess } from '../../../../actors/placements/in-process.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import type { BlockTask } from '../../../../src/kernels/kernel.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { beforeBroadcast } from '../../../helpers/fakes/at-broadcast.js';
import { atTask } from '../../../helpers/fakes/at-task.js';
import { faultsOf, lossesOf, runToEnd } from '../../../helpers/probes/runs.js';
import {
  natsServer,
  natsTest,
  restartServer,
  workerHere,
  workerProcess,
} from '../../../helpers/programs/nats.js';

const ratings = randomRatings({ users: 90, items: 60, density: 0.2 });
const options = { rank: 8, iterations: 5, blocks: 4 };
const undisturbed = runToEnd(ratings, options, inProcess());

const lossOfVictim = /^victim: (its connection has closed|no sign of life for 1.5 s)$/;

for (const [where, task] of Object.entries({
  'a user phase': { kind: 'solve', iteration: 2, side: 'user', block: 3 },
  'an item phase': { kind: 'solve', iteration: 3, side: 'item', block: 3 },
} satisfies Record<string, BlockTask>)) {
  natsTest(`a node that is killed in ${where} leaves its blocks to the other`, async (t) => {
    const { url: servers } = await natsServer(t);
    const victim = await workerProcess(t, servers, 'victim');
    await workerHere(t, { servers, name: 'survivor' });

    const outcome = await runToEnd(
      ratings,
      options,
      atTask(nodes({ servers, workers: 2 }), task, () => victim.kill('SIGKILL')),
    );

    t.is(outcome.error, undefined);
    t.deepEqual(outcome.factors, (await undisturbed).factors);
    t.true(
      lossesOf(outcome).some((loss) => lossOfVictim.test(loss)),
      lossesOf(outcome).join('; '),
    );
  });
}

natsTest('a node that dies before a broadcast is left out and reported', async (t) => {
  const { url: servers } = await natsServer(t);
  const victim = await workerProcess(t, servers, 'victim');
  await workerHere(t, { servers, name: 'survivor' });

  const outcome = await runToEnd(
    ratings,
    options,
    beforeBroadcast(nodes({ servers, workers: 2 }), 2, async () => {
      victim.kill('SIGKILL');
    }),
  );

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await undisturbed).factors);
  // On a busy machine the other may have taken all of its blocks over before, and ends first.
  const isReported = (fault: string) =>
    lossOfVictim.test(fault) || fault.startsWith('victim: it is slow: ');
  t.true(faultsOf(outcome).some(isReported), faultsOf(outcome).join('; '));
});

natsTest('a node that stands still is given up, and comes back when it goes on', async (t) => {
  const { url: servers } = await natsServer(t);
  const sleeper = await workerProcess(t, servers, 'sleeper');
  await workerHere(t, { servers, name: 'other' });
  const task = { kind: 'solve', iteration: 2, side: 'user', block: 0 } as const;
  const placement = atTask(nodes({ servers, workers: 2, lostAfter: 1 }), task, () =>
    sleeper.kill('SIGSTOP'),
  );

  const outcome = await runToEnd(
    ratings,
    options,
    beforeBroadcast(placement, 3, async () => {
      sleeper.kill('SIGCONT');
    }),
  );

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await undisturbed).factors);
  t.true(lossesOf(outcome).includes('sleeper: no sign of life for 1 s'));
});

natsTest('a node that comes gets blocks from a phase that follows', async (t) => {
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers, name: 'first' });

  const outcome = await runToEnd(
    ratings,
    options,
    beforeBroadcast(nodes({ servers }), 2, async () => {
      await workerHere(t, { servers, name: 'second' });
    }),
  );

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await undisturbed).factors);
  const places = outcome.events.flatMap((event) =>
    event.type === 'phase' ? event.blocks.map(({ ranOn }) => ranOn) : [],
  );
  t.true(places.some((where) => where.startsWith('second')));
});

natsTest('a NATS server that dies and comes back costs time only', async (t) => {
  const server = await natsServer(t);
  const { url: servers } = server;
  await workerHere(t, { servers, name: 'alpha' });
  await workerHere(t, { servers, name: 'beta' });
  const task = { kind: 'solve', iteration: 2, side: 'item', block: 1 } as const;

  const outcome = await runToEnd(
    ratings,
    options,
    atTask(
      nodes({ servers, workers: 2, lostAfter: 30 }),
      task,
      () => void restartServer(t, server),
    ),
  );

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await undisturbed).factors);
  t.deepEqual(lossesOf(outcome), [`the NATS server at ${new URL(servers).host} cannot be reached`]);
});

natsTest('a NATS server may be away for longer than a worker may be silent', async (t) => {
  const server = await natsServer(t);
  const { url: servers } = server;
  await workerHere(t, { servers, name: 'alpha' });
  await workerHere(t, { servers, name: 'beta' });
  const task = { kind: 'solve', iteration: 2, side: 'user', block: 1 } as const;
  const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 250 });
  t.teardown(() => connection.close());
  // Five seconds.
  const longAfter = attempts(connection, 20);

  const outcome = await runToEnd(
    ratings,
    options,
    atTask(
      nodes({ servers, workers: 2, lostAfter: 4 }),
      task,
      () => void restartServer(t, server, longAfter),
    ),
  );

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await undisturbed).factors);
  t.deepEqual(lossesOf(outcome), [`the NATS server at ${new URL(servers).host} cannot be reached`]);
});

natsTest('a NATS server that stays away ends the job after the deadline', async (t) => {
  const server = await natsServer(t);
  const { url: servers } = server;
  await workerHere(t, { servers, name: 'alpha' });
  const task = { kind: 'solve', iteration: 2, side: 'user', block: 1 } as const;

  const { error } = await runToEnd(
    ratings,
    options,
    atTask(nodes({ servers, deadline: 5 }), task, () => {
      server.process.kill('SIGKILL');
    }),
  );

  const cause = error instanceof ConnectionError ? error : (error as Error).cause;
  t.true(cause instanceof ConnectionError, String(error));
  t.regex((cause as Error).message, /is away for 5 s/);
});

/** Resolves when a connection has tried so often to come back. */
async function attempts(connection: NatsConnection, count: number): Promise<void> {
  let tried = 0;
  for await (const { type } of connection.status()) {
    if (type === 'reconnecting' && ++tried === count) return;
  }
}
