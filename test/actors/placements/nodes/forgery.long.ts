import { inProcess } from '../../../../actors/placements/in-process.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { documentedPermissions } from '../../../helpers/builders/nats-permissions.js';
import { startForgingWorker } from '../../../helpers/fakes/forging-worker.js';
import { faultsOf, runToEnd } from '../../../helpers/probes/runs.js';
import { natsServer, natsTest, workerHere } from '../../../helpers/programs/nats.js';

const seeds = Array.from({ length: 12 }, (_, at) => at + 1);

// A block's rows are more than an answer carries: they are published to all.
const ratings = randomRatings({ users: 1_200, items: 400, density: 0.05 });
const options = { rank: 32, iterations: 20, blocks: 2 };
const undisturbed = runToEnd(ratings, options, inProcess());

for (const routing of ['broadcast', 'routed'] as const) {
  natsTest(`who has a worker's permissions and no job alters no model, ${routing}`, async (t) => {
    const permissions = documentedPermissions('alpha', 'beta', 'gamma');
    const { url: servers } = await natsServer(t, permissions);
    for (const name of ['alpha', 'beta']) {
      await workerHere(t, { servers, name, user: name, password: 'w' });
    }
    const { factors } = await undisturbed;
    const supervisor = { servers, user: 'supervisor', password: 's' };
    let finished = 0;
    let ofRows = 0;
    for (const seed of seeds) {
      const forgery = await startForgingWorker(t, servers, 'gamma', seed);

      const outcome = await runToEnd(
        ratings,
        options,
        nodes({ ...supervisor, workers: 2, routing }),
      );
      await forgery.stop();

      const { sent } = forgery;
      t.log(`seed ${seed}: ${sent} sent`, String(outcome.error ?? 'finished'), faultsOf(outcome));
      ofRows += forgery.ofRows;
      if (outcome.error !== undefined) continue;
      finished++;
      t.deepEqual(outcome.factors, factors, `seed ${seed}`);
    }
    t.true(finished > 0);
    t.true(ofRows > 20 * seeds.length, `${ofRows} where rows go`);
  });
}
