import { inProcess } from '../../../../actors/placements/in-process.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { startForger } from '../../../helpers/fakes/forger.js';
import { runToEnd } from '../../../helpers/probes/runs.js';
import { natsServer, natsTest, workerHere } from '../../../helpers/programs/nats.js';

// Rows are fetched, shared and broadcast: a block's are more than an answer carries.
const ratings = randomRatings({ users: 1_200, items: 40, density: 0.1 });
const options = { rank: 32, iterations: 3, blocks: 2 };
const undisturbed = runToEnd(ratings, options, inProcess());

for (const [seed, routing] of [
  [1, 'broadcast'],
  [2, 'routed'],
] as const) {
  natsTest(`forged answers, rows and commands change no model, ${routing}`, async (t) => {
    const { url: servers } = await natsServer(t);
    for (const name of ['alpha', 'beta']) await workerHere(t, { servers, name });
    const forged = await startForger(t, servers, seed);

    const outcome = await runToEnd(ratings, options, nodes({ servers, workers: 2, routing }));

    t.is(outcome.error, undefined, String(outcome.error));
    t.deepEqual(outcome.factors, (await undisturbed).factors);
    t.true(forged() > 20, `${forged()} forged`);
  });
}
