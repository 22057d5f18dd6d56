import { inProcess } from '../../../../../actors/placements/in-process.js';
import { nodes } from '../../../../../actors/placements/nodes/nodes.js';
import { randomRatings } from '../../../../helpers/builders/jobs.js';
import { atTask } from '../../../../helpers/fakes/at-task.js';
import { type RunOutcome, runToEnd } from '../../../../helpers/probes/runs.js';
import {
  natsServer,
  natsTest,
  workerHere,
  workerProcess,
} from '../../../../helpers/programs/nats.js';

const ratings = randomRatings({ users: 240, items: 180, density: 0.008 });
const options = { rank: 8, iterations: 3, blocks: 6 };
const undisturbed = runToEnd(ratings, options, inProcess());

natsTest('routed rows give the model of a broadcast, with fewer bytes', async (t) => {
  const { url: servers } = await natsServer(t);
  for (const name of ['alpha', 'beta', 'gamma']) await workerHere(t, { servers, name });
  const run = (routing?: 'broadcast' | 'routed') =>
    runToEnd(ratings, options, nodes({ servers, workers: 3, routing }));

  const broadcast = await run('broadcast');
  const routed = await run('routed');
  const chosen = await run();

  for (const { error, factors } of [broadcast, routed, chosen]) {
    t.is(error, undefined);
    t.deepEqual(factors, (await undisturbed).factors);
  }
  t.true(bytesOf(routed).sent < 0.8 * bytesOf(broadcast).sent);
  t.true(bytesOf(chosen).sent < 0.8 * bytesOf(broadcast).sent);
  t.is(bytesOf(routed).plain, bytesOf(broadcast).plain);
});

natsTest('a node that takes a block over gets the rows that only this block reads', async (t) => {
  const { url: servers } = await natsServer(t);
  const victim = await workerProcess(t, servers, 'victim');
  await workerHere(t, { servers, name: 'beta' });
  await workerHere(t, { servers, name: 'gamma' });
  const task = { kind: 'solve', iteration: 2, side: 'item', block: 4 } as const;

  const outcome = await runToEnd(
    ratings,
    options,
    atTask(nodes({ servers, workers: 3, routing: 'routed' }), task, () => victim.kill('SIGKILL')),
  );

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await undisturbed).factors);
});

natsTest('a server that takes small messages only carries what is larger in pieces', async (t) => {
  const { url: servers } = await natsServer(t, 'max_payload: 16KB');
  await workerHere(t, { servers, name: 'alpha' });
  await workerHere(t, { servers, name: 'beta' });
  const large = randomRatings({ users: 3000, items: 40, density: 0.1 });
  const few = { rank: 16, iterations: 2, blocks: 2 };

  const outcome = await runToEnd(large, few, nodes({ servers, workers: 2 }));

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, (await runToEnd(large, few, inProcess())).factors);
});

/** Bytes of the phases after the first iteration, when nodes know what they read. */
function bytesOf({ events }: RunOutcome): { sent: number; plain: number } {
  const phases = events.flatMap((event) =>
    event.type === 'phase' && event.iteration > 1 ? [event] : [],
  );
  const sum = (of: (phase: (typeof phases)[number]) => number) =>
    phases.reduce((total, phase) => total + of(phase), 0);
  return {
    sent: sum(({ broadcastBytes }) => broadcastBytes),
    plain: sum(({ fullBroadcastBytes }) => fullBroadcastBytes),
  };
}
