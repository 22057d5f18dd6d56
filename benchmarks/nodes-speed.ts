/**
 * How much longer does an iteration take on nodes than on as many threads of one process? Server,
 * supervisor and workers share the cores of this machine, so what is shown is an overhead.
 *
 *     node build/benchmarks/nodes-speed.js --quick
 *     node build/benchmarks/nodes-speed.js --cases 20m --ranks 64 --workers 2
 */

import { parseArgs } from 'node:util';
import { firstValueFrom, lastValueFrom, of, tap } from 'rxjs';
import {
  fromRatings,
  nodes,
  type Placement,
  paperSettings,
  type Ratings,
  type TrainingEvent,
  threads,
  train,
} from 'seesaw';
import { caseFiles, readColumns } from './lib/case-files.js';
import { caseNamed, objective } from './lib/cases.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatMebibytes, formatRatio, formatSeconds, markdownTable } from './lib/markdown.js';
import { median, orderOf, pairedRatio } from './lib/measure.js';
import { type PrivateCluster, startCluster } from './lib/private-cluster.js';

const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string' },
    ranks: { type: 'string', default: '64' },
    workers: { type: 'string', default: '2' },
    rounds: { type: 'string' },
    /** That count, after one to warm up. */
    iterations: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** What one run took; seconds are medians over its iterations, but for the first. */
interface Measured {
  readonly first: number;
  readonly iteration: number;
  /** Inside the kernel: sum over blocks, shared out among the threads. */
  readonly kernel: number;
  readonly broadcastBytes: number;
  readonly fullBroadcastBytes: number;
  /** CPU seconds for each iteration. */
  readonly cpu: Readonly<Record<string, number>>;
}

const workers = Number(flags.workers);
const cluster = await startCluster(workers);
const results = [];
try {
  for (const name of (flags.cases ?? (flags.quick ? '1m' : '1m,20m')).split(',')) {
    const known = caseNamed(name);
    const ranks = flags.ranks.split(',').map(Number);
    const ratings = await firstValueFrom(
      fromRatings(readColumns(await caseFiles(known, ranks, objective.seed))),
    );
    for (const rank of ranks) {
      const variants: { readonly placement: () => Placement; readonly runs: Measured[] }[] = [
        { placement: () => threads(workers), runs: [] },
        { placement: onNodes, runs: [] },
      ];
      const rounds = Number(flags.rounds ?? (flags.quick ? 2 : known.rounds));
      for (let round = 0; round < rounds; round++) {
        for (const { placement, runs } of orderOf(variants, round)) {
          const iterations = 1 + Number(flags.iterations ?? known.measured);
          const measured = await measure(ratings, rank, iterations, placement());
          runs.push(measured);
          tell(`${name} ${rank} ${JSON.stringify(measured)}`);
        }
      }
      results.push({ name, rank, threads: variants[0]!.runs, nodes: variants[1]!.runs });
    }
  }
} finally {
  await cluster.stop();
}

const machine = describeMachine();
if (flags.json) {
  process.stdout.write(`${JSON.stringify({ benchmark: 'nodes-speed', machine, results })}\n`);
} else {
  const heads = [
    'case',
    'rank',
    `threads(${workers}), s`,
    `nodes of ${workers}, s`,
    'ratio',
    'ratio of CPU',
    'first iteration, s',
    'sent, MiB',
    'plain, MiB',
  ];
  const rows = results.map(({ name, rank, threads, nodes }) => {
    const typical = (of: (run: Measured) => number) => median(nodes.map(of));
    const seconds = (runs: readonly Measured[]) => runs.map(({ iteration }) => iteration);
    return [
      name,
      `${rank}`,
      formatSeconds(median(seconds(threads))),
      formatSeconds(median(seconds(nodes))),
      formatRatio(pairedRatio(seconds(nodes), seconds(threads))),
      formatRatio(pairedRatio(nodes.map(cpuOf), threads.map(cpuOf))),
      formatSeconds(typical(({ first }) => first)),
      formatMebibytes(typical(({ broadcastBytes }) => broadcastBytes)),
      formatMebibytes(typical(({ fullBroadcastBytes }) => fullBroadcastBytes)),
    ];
  });
  const version = `Node ${process.versions.node}`;
  process.stdout.write(`${markdownTable(heads, rows)}\n\n${machineLine(machine, [version])}\n`);
}

/** CPU seconds of all processes. */
function cpuOf({ cpu }: Measured): number {
  return Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0);
}

function onNodes(): Placement {
  return nodes({ servers: cluster.servers, workers });
}

async function measure(
  ratings: Ratings,
  rank: number,
  iterations: number,
  placement: Placement,
): Promise<Measured> {
  const { alpha, regularization, cgSteps, seed } = objective;
  const seconds: number[] = [];
  const kernel: number[] = [];
  const bytes: number[] = [];
  const fullBroadcastBytes: number[] = [];
  let [inKernel, plain] = [0, 0];
  let begun = cpuSeconds(cluster);
  const note = (event: TrainingEvent): void => {
    if (event.type === 'phase') {
      for (const block of event.blocks) inKernel += block.seconds;
      plain += event.fullBroadcastBytes;
    }
    if (event.type !== 'iteration') return;
    seconds.push(event.seconds);
    kernel.push(inKernel / workers);
    bytes.push(event.broadcastBytes);
    fullBroadcastBytes.push(plain);
    [inKernel, plain] = [0, 0];
    if (event.iteration === 1) begun = cpuSeconds(cluster);
  };
  const options = {
    ...paperSettings,
    rank,
    iterations,
    alpha,
    regularization,
    cgSteps,
    seed,
    placement,
  };
  let spent = begun;
  await lastValueFrom(
    of(ratings).pipe(
      train(options),
      tap((event) => {
        note(event);
        if (event.type === 'iteration') spent = cpuSeconds(cluster);
      }),
    ),
  );
  const typical = (values: readonly number[]) => median(values.slice(1));
  return {
    first: seconds[0]!,
    iteration: typical(seconds),
    kernel: typical(kernel),
    broadcastBytes: typical(bytes),
    fullBroadcastBytes: typical(fullBroadcastBytes),
    cpu: Object.fromEntries(
      Object.entries(spent).map(([name, total]) => [
        name,
        (total - (begun[name] ?? 0)) / (iterations - 1),
      ]),
    ),
  };
}

function cpuSeconds(cluster: PrivateCluster): Record<string, number> {
  const { user, system } = process.cpuUsage();
  const { node: workers, ...others } = cluster.cpuSeconds();
  return { supervisor: (user + system) / 1e6, ...(workers && { workers }), ...others };
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
