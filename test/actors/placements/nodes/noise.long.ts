import { inProcess } from '../../../../actors/placements/in-process.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import { SeesawError } from '../../../../src/errors.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { makeNoise } from '../../../helpers/fakes/noise.js';
import { runToEnd } from '../../../helpers/probes/runs.js';
import { natsServer, natsTest, workerProcess } from '../../../helpers/programs/nats.js';

natsTest('nonsense among the messages crashes neither workers nor supervisors', async (t) => {
  t.timeout(600_000);
  const { url: servers } = await natsServer(t);
  const workers = [
    await workerProcess(t, servers, 'alpha'),
    await workerProcess(t, servers, 'beta'),
  ];
  const ratings = randomRatings({ users: 40, items: 30, density: 0.3 });
  const options = { rank: 4, iterations: 3, blocks: 4 };
  const placement = nodes({ servers, deadline: 15 });
  const expected = await runToEnd(ratings, options, inProcess());

  const ends = new Map<string, number>();
  for (let seed = 1; seed <= 5; seed++) {
    const noise = await makeNoise(servers, seed);
    const { error, factors } = await runToEnd(ratings, options, placement);
    await noise.stop();
    const end = error === undefined ? 'finished' : (error as Error).name;
    ends.set(end, (ends.get(end) ?? 0) + 1);
    t.true(error === undefined ? factors !== undefined : error instanceof SeesawError, `${error}`);
    t.true(noise.sent() > 10);
  }

  // A worker that was asked to leave, or has another job by name, needs a moment.
  const { error, factors } = await runToEnd(ratings, options, nodes({ servers, workers: 2 }));
  t.is(error, undefined);
  t.deepEqual(factors, expected.factors);
  for (const worker of workers) t.is(worker.exitCode, null);
  t.log(Object.fromEntries(ends));
});
