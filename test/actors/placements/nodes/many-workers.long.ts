import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { inProcess } from '../../../../actors/placements/in-process.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import type { RunEvent } from '../../../../actors/run-event.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { runToEnd } from '../../../helpers/probes/runs.js';
import { natsServer, natsTest } from '../../../helpers/programs/nats.js';

const host = fileURLToPath(new URL('../../../../benchmarks/lib/worker-host.js', import.meta.url));
const ratings = randomRatings({ users: 400, items: 300, density: 0.1 });

natsTest('64 workers join and finish a job together', async (t) => {
  const { url: servers } = await natsServer(t);
  await startHosts(t, servers, 4);
  const options = { rank: 8, iterations: 3, blocks: 64 };
  const expected = await runToEnd(ratings, options, inProcess());

  const { events, factors, error } = await runToEnd(
    ratings,
    options,
    nodes({ servers, workers: 64 }),
  );

  t.is(error, undefined);
  t.true(placesOf(events).size > 32, `${placesOf(events).size} workers solved blocks`);
  t.deepEqual(factors, expected.factors);
});

natsTest('workers beyond the blocks take the places of those that are lost', async (t) => {
  const { url: servers } = await natsServer(t);
  const hosts = await startHosts(t, servers, 2);
  const options = { rank: 8, iterations: 4, blocks: 16 };
  const expected = await runToEnd(ratings, options, inProcess());

  const { events, factors, error } = await runToEnd(
    ratings,
    options,
    nodes({ servers, workers: 32 }),
    (event) => {
      if (event.type === 'iteration' && event.iteration === 2) hosts[0]!.kill('SIGKILL');
    },
  );

  t.is(error, undefined);
  t.deepEqual(
    [...placesOf(events.slice(-3))].filter((name) => !name.startsWith('host2')),
    [],
  );
  t.deepEqual(factors, expected.factors);
});

/** Processes with 16 workers each. */
async function startHosts(t: ExecutionContext, servers: string, count: number) {
  const children: ChildProcess[] = [];
  for (let n = 1; n <= count; n++) {
    const args = [host, servers, '16', `host${n}`];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => child.kill('SIGKILL'));
    await once(createInterface(child.stdout), 'line');
    children.push(child);
  }
  return children;
}

/** Workers that solved blocks. */
function placesOf(events: readonly RunEvent[]): Set<string> {
  const phases = events.filter((event) => event.type === 'phase');
  return new Set(phases.flatMap(({ blocks }) => blocks.map(({ ranOn }) => ranOn.split(',')[0]!)));
}
