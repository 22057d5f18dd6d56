/**
 * How do the costs of a job grow with the number of its nodes? All share the cores of this machine,
 * several workers to a process, so an iteration can only become slower: by how much is the question.
 *
 *     node build/benchmarks/nodes-many.js
 *     node build/benchmarks/nodes-many.js --workers 8,64 --blocks 128
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { firstValueFrom, lastValueFrom, of, tap } from 'rxjs';
import { nodes, type Ratings, synthetic, train } from 'seesaw';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatSeconds, markdownTable } from './lib/markdown.js';
import { median } from './lib/measure.js';
import { startCluster } from './lib/private-cluster.js';

const { values: flags } = parseArgs({
  options: {
    workers: { type: 'string' },
    blocks: { type: 'string', default: '64' },
    iterations: { type: 'string', default: '10' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** What one run took. Seconds of iterations are those after the first. */
interface Measured {
  /** From the subscription until the first phase begins. */
  readonly start: number;
  readonly first: number;
  readonly iteration: number;
  /** CPU seconds of this process, the supervisor's, for each iteration. */
  readonly supervisor: number;
  /** Bytes for each iteration. */
  readonly sent: number;
  /** Workers that solved a block. */
  readonly busy: number;
  readonly loss: number;
}

const host = fileURLToPath(new URL('./lib/worker-host.js', import.meta.url));
const counts = (flags.workers ?? (flags.quick ? '1,64' : '1,4,16,64')).split(',').map(Number);
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 5));
const data = { users: 6_000, items: 3_000, density: 0.02, seed: 42 };
const rank = 32;
const ratings = await firstValueFrom(synthetic(data));

const results = [];
for (const workers of counts) {
  // One worker comes with the server.
  const cluster = await startCluster(1);
  const hosts = await startHosts(cluster.servers, workers - 1);
  try {
    const runs: Measured[] = [];
    for (let round = 0; round < rounds; round++) {
      runs.push(await measure(ratings, cluster.servers, workers));
      process.stderr.write(`${workers} ${JSON.stringify(runs.at(-1))}\n`);
    }
    results.push({ workers, runs });
  } finally {
    await Promise.all(hosts.map(stopHost));
    await cluster.stop();
  }
}
const losses = new Set(results.flatMap(({ runs }) => runs.map(({ loss }) => loss)));
if (losses.size > 1) throw new Error(`found losses ${[...losses].join(', ')}; expected one`);

const machine = describeMachine();
if (flags.json) {
  process.stdout.write(`${JSON.stringify({ benchmark: 'nodes-many', machine, results })}\n`);
} else {
  const heads = [
    'workers',
    'with blocks',
    'until the first phase, s',
    'first iteration, s',
    'iteration, s',
    "supervisor's CPU, ms",
    'sent, KiB',
  ];
  const rows = results.map(({ workers, runs }) => {
    const typical = (of: (run: Measured) => number) => median(runs.map(of));
    return [
      `${workers}`,
      `${typical(({ busy }) => busy)}`,
      formatSeconds(typical(({ start }) => start)),
      formatSeconds(typical(({ first }) => first)),
      formatSeconds(typical(({ iteration }) => iteration)),
      `${Math.round(1000 * typical(({ supervisor }) => supervisor))}`,
      `${Math.round(typical(({ sent }) => sent) / 1024)}`,
    ];
  });
  const { users, items } = data;
  const count = ratings.byUser.columns.length;
  const what =
    `${users} × ${items}, ${count} ratings, rank ${rank}, ${flags.blocks} blocks a side, ` +
    `medians of ${rounds}`;
  const version = `Node ${process.versions.node}`;
  process.stdout.write(`${markdownTable(heads, rows)}\n\n${what}; `);
  process.stdout.write(`${machineLine(machine, [version])}\n`);
}

async function startHosts(servers: string, count: number): Promise<ChildProcess[]> {
  const hosts: ChildProcess[] = [];
  for (let left = count; left > 0; left -= 16) {
    const args = [host, servers, `${Math.min(left, 16)}`, `host${hosts.length + 1}`];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(createInterface(child.stdout), 'line');
    hosts.push(child);
  }
  return hosts;
}

async function stopHost(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

async function measure(trained: Ratings, servers: string, workers: number): Promise<Measured> {
  const iterations = 1 + Number(flags.iterations);
  const placement = nodes({ servers, workers });
  const seconds: number[] = [];
  const bytes: number[] = [];
  const busy = new Set<string>();
  let [start, begun, spent, loss] = [0, 0, 0, 0];
  const asked = performance.now();
  await lastValueFrom(
    of(trained).pipe(
      train({ rank, iterations, blocks: Number(flags.blocks), placement }),
      tap((event) => {
        if (event.type === 'started') start = (performance.now() - asked) / 1000;
        if (event.type === 'phase') {
          for (const { ranOn } of event.blocks) busy.add(ranOn.split(',')[0]!);
        }
        if (event.type !== 'iteration') return;
        seconds.push(event.seconds);
        bytes.push(event.broadcastBytes);
        const { user, system } = process.cpuUsage();
        spent = (user + system) / 1e6;
        if (event.iteration === 1) begun = spent;
        loss = event.loss.total;
      }),
    ),
  );
  return {
    start,
    first: seconds[0]!,
    iteration: median(seconds.slice(1)),
    supervisor: (spent - begun) / (iterations - 1),
    sent: median(bytes.slice(1)),
    busy: busy.size,
    loss,
  };
}
