import { inProcess } from '../../../../actors/placements/in-process.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import { PlacementError } from '../../../../src/errors.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { startGhost } from '../../../helpers/fakes/ghost.js';
import { runToEnd } from '../../../helpers/probes/runs.js';
import { natsServer, natsTest, workerHere } from '../../../helpers/programs/nats.js';

const ratings = randomRatings({ users: 90, items: 60, density: 0.2 });
const options = { rank: 8, iterations: 5, blocks: 4 };

natsTest('a worker that never answers delays no other', async (t) => {
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers, name: 'able' });
  await startGhost(t, servers, 'hears');
  const expected = await runToEnd(ratings, options, inProcess());

  const outcome = await runToEnd(ratings, options, nodes({ servers, deadline: 30 }));

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, expected.factors);
});

natsTest('a job with only a worker that never answers ends at its deadline', async (t) => {
  const { url: servers } = await natsServer(t);
  await startGhost(t, servers, 'says hello');

  const { error } = await runToEnd(ratings, options, nodes({ servers, deadline: 1 }));

  const cause = error instanceof PlacementError ? error : (error as Error).cause;
  t.true(cause instanceof PlacementError, String(error));
  t.regex((cause as Error).message, /ghost .*within 1 s/);
});
