/**
 * How long after a worker is killed is a block that it had solved elsewhere? A worker is killed with
 * SIGKILL as soon as the tasks of a phase are handed out, again and again, each time another one.
 *
 *     node build/benchmarks/nodes-recovery.js --rounds 20
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { firstValueFrom, lastValueFrom, of } from 'rxjs';
import { nodes, type Placement, type Ratings, synthetic, train } from 'seesaw';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatSeconds, markdownTable } from './lib/markdown.js';
import { median } from './lib/measure.js';
import { startCluster } from './lib/private-cluster.js';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});

const main = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const killedIn = 2;

/** The loss is not noticed before this time: a block that begins sooner had been moved before. */
const soonestMs = 200;

/** Seconds from the kill to the first and to the last lost block's solve elsewhere. */
interface Recovery {
  readonly first: number;
  readonly last: number;
  readonly lostBlocks: number;
}

const cluster = await startCluster(1);
const recoveries: Recovery[] = [];
try {
  const shape = { users: 20_000, items: 4_000, density: 0.01, seed: 1 };
  const ratings = await firstValueFrom(synthetic(shape));
  for (let round = 0; round < Number(flags.rounds); round++) {
    const victim = await startVictim(cluster.servers);
    try {
      recoveries.push(await recover(ratings, victim));
      process.stderr.write(`${JSON.stringify(recoveries.at(-1))}\n`);
    } finally {
      victim.kill('SIGKILL');
    }
  }
} finally {
  await cluster.stop();
}

const machine = describeMachine();
if (flags.json) {
  process.stdout.write(`${JSON.stringify({ benchmark: 'nodes-recovery', machine, recoveries })}\n`);
} else {
  const row = (what: string, of: (recovery: Recovery) => number) => {
    const seconds = recoveries.map(of);
    return [what, ...[median(seconds), Math.max(...seconds)].map(formatSeconds)];
  };
  const rows = [
    row('first lost block', ({ first }) => first),
    row('last lost block', ({ last }) => last),
  ];
  const table = markdownTable(['its solve begins elsewhere', 'median s', 'worst s'], rows);
  const version = `Node ${process.versions.node}`;
  process.stdout.write(`${table}\n\n${machineLine(machine, [version])}\n`);
}

async function startVictim(servers: string): Promise<ChildProcess> {
  const args = ['worker', '--servers', servers, '--name', 'victim', '--threads', '1', '--json'];
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(createInterface(child.stdout!), 'line');
  return child;
}

/** Trains on both workers, kills one, and returns when others began with its blocks. */
async function recover(ratings: Ratings, victim: ChildProcess): Promise<Recovery> {
  /** By block of the users: who solved it in the iteration before the kill. */
  const owners = new Map<number, string>();
  const beganMs: number[] = [];
  let killedMs = 0;
  const onNodes = nodes({ servers: cluster.servers, workers: 2 });
  const placement: Placement = {
    ...onNodes,
    async open(job, onFault) {
      const placed = await onNodes.open(job, onFault);
      return {
        broadcast: (phase) => placed.broadcast(phase),
        close: () => placed.close(),
        async solve(task) {
          const solving = placed.solve(task);
          const isMeant = task.side === 'user' && task.kind === 'solve';
          if (isMeant && task.iteration === killedIn && killedMs === 0) {
            killedMs = performance.now();
            victim.kill('SIGKILL');
          }
          const result = await solving;
          const where = result.ranOn.split(',')[0]!;
          if (isMeant && task.iteration === killedIn - 1) owners.set(task.block, where);
          const isLost = owners.get(task.block) === 'victim' && where !== 'victim';
          if (isMeant && task.iteration === killedIn && isLost) {
            // Gathering its rows is counted as well: it began no later than this.
            const began = performance.now() - result.seconds * 1000;
            if (began - killedMs > soonestMs) beganMs.push(began);
          }
          return result;
        },
      };
    },
  };
  await lastValueFrom(of(ratings).pipe(train({ rank: 32, iterations: 3, blocks: 8, placement })));
  const seconds = beganMs.map((ms) => (ms - killedMs) / 1000);
  if (seconds.length === 0) throw new Error('found no lost block; expected some; try again');
  return {
    first: Math.min(...seconds),
    last: Math.max(...seconds),
    lostBlocks: seconds.length,
  };
}
