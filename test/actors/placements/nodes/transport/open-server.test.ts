import type { ExecutionContext } from 'ava';
import { inProcess } from '../../../../../actors/placements/in-process.js';
import { nodes } from '../../../../../actors/placements/nodes/nodes.js';
import type { NatsOptions } from '../../../../../actors/placements/nodes/transport/nats-options.js';
import type { WorkerEvent } from '../../../../../actors/placements/nodes/worker/worker-options.js';
import { randomRatings } from '../../../../helpers/builders/jobs.js';
import { runToEnd } from '../../../../helpers/probes/runs.js';
import { seesaw } from '../../../../helpers/programs/command-line.js';
import { natsServer, natsTest, workerHere } from '../../../../helpers/programs/nats.js';

const ratings = randomRatings({ users: 30, items: 20, density: 0.3 });
const options = { rank: 4, iterations: 2, blocks: 2 };
const warning = /^the NATS server at 0\.0\.0\.0:\d+ asks for no credentials: .*; add credentials/;

/** The same server by an address that does not tell that only this machine reaches it. */
function anywhere(url: string): string {
  return url.replace('127.0.0.1', '0.0.0.0');
}

natsTest('a server without authentication is reported by its workers and by a job', async (t) => {
  const servers = anywhere((await natsServer(t)).url);

  const { faults, warnings } = await reportsOf(t, { servers });

  t.is(warnings.length, 1);
  t.regex(warnings[0]!, warning);
  t.deepEqual(
    faults.map(({ component, action }) => [component, action]),
    [['server', 'go-on']],
  );
  t.regex(faults[0]!.message, warning);
});

natsTest('a server that asks for credentials is nothing to tell of', async (t) => {
  const { url } = await natsServer(t, 'authorization { token: quiet }');

  t.deepEqual(await reportsOf(t, { servers: anywhere(url), token: 'quiet' }), nothing);
});

natsTest('a server on loopback is nothing to tell of', async (t) => {
  const { url } = await natsServer(t);

  t.deepEqual(await reportsOf(t, { servers: url }), nothing);
});

natsTest('the command line tells of a server that lets everybody in', async (t) => {
  const servers = anywhere((await natsServer(t)).url);
  const command = ['worker', '--servers', servers, '--threads', '1', '--name', 'alpha'];

  const plain = await seesaw(command, { interruptAt: 'worker alpha' });
  const json = await seesaw([...command, '--json'], { interruptAt: '"ready"' });

  t.regex(plain.stdout, /^warning: the NATS server at 0\.0\.0\.0:\d+ asks for no credentials/);
  const [first] = json.stdout.split('\n').map((line) => line && JSON.parse(line));
  t.is(first.type, 'warning');
  t.regex(first.message, warning);
});

const nothing = { faults: [], warnings: [] };

/** What a worker and a job at this server tell of it, and the model is that of one process. */
async function reportsOf(t: ExecutionContext, where: NatsOptions) {
  const events: WorkerEvent[] = [];
  await workerHere(t, { ...where, onEvent: (event) => events.push(event) });
  const outcome = await runToEnd(ratings, options, nodes(where));
  const expected = await runToEnd(ratings, options, inProcess());
  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, expected.factors);
  return {
    faults: outcome.events.flatMap((event) =>
      event.type === 'fault' && event.component === 'server' ? [event] : [],
    ),
    warnings: events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
  };
}
