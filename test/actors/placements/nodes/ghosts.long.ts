import { inProcess } from '../../../../actors/placements/in-process.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import { PlacementError } from '../../../../src/errors.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { type GhostKind, startGhost } from '../../../helpers/fakes/ghost.js';
import { faultsOf, runToEnd } from '../../../helpers/probes/runs.js';
import { natsServer, natsTest, workerHere } from '../../../helpers/programs/nats.js';

const ratings = randomRatings({ users: 90, items: 60, density: 0.2 });
const options = { rank: 8, iterations: 5, blocks: 4 };

for (const kind of ['says hello', 'hears', 'joins', 'loads', 'takes rows'] as GhostKind[]) {
  natsTest(`a worker that ${kind} and does no more costs a job seconds`, async (t) => {
    t.timeout(60_000);
    const { url: servers } = await natsServer(t);
    await workerHere(t, { servers, name: 'able' });
    await startGhost(t, servers, kind);
    const expected = await runToEnd(ratings, options, inProcess());
    const startMs = performance.now();

    const outcome = await runToEnd(ratings, options, nodes({ servers }));

    t.is(outcome.error, undefined);
    t.deepEqual(outcome.factors, expected.factors);
    t.log(`${((performance.now() - startMs) / 1000).toFixed(1)} s: ${faultsOf(outcome).join()}`);
  });

  natsTest(`a job with only a worker that ${kind} ends with an error`, async (t) => {
    t.timeout(60_000);
    const { url: servers } = await natsServer(t);
    await startGhost(t, servers, kind);

    const { error } = await runToEnd(ratings, options, nodes({ servers, deadline: 3 }));

    const cause = error instanceof PlacementError ? error : (error as Error).cause;
    t.true(cause instanceof PlacementError, String(error));
  });
}
