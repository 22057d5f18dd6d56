/**
 * How many bytes does an iteration send to nodes: every row to every node, every row to the nodes that
 * have not solved it, and only the rows that a node's blocks rate?
 *
 *     node build/benchmarks/nodes-bytes.js --quick
 *     node build/benchmarks/nodes-bytes.js --cases 1m,6m,wide --ranks 64 --workers 2,4,8
 */

import { parseArgs } from 'node:util';
import { firstValueFrom, lastValueFrom, of, tap } from 'rxjs';
import { fromRatings, nodes, paperSettings, type Ratings, train } from 'seesaw';
import { caseFiles, readColumns } from './lib/case-files.js';
import { caseNamed, objective } from './lib/cases.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatMebibytes, markdownTable } from './lib/markdown.js';
import { median } from './lib/measure.js';
import { startCluster } from './lib/private-cluster.js';

const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string' },
    ranks: { type: 'string', default: '64' },
    workers: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const routings = ['broadcast', 'routed', 'auto'] as const;

/** Bytes of an iteration. */
interface Sent {
  /** Factors × (users + items) × 4 × nodes. */
  readonly factors: number;
  /** With Gram matrices and padding. */
  readonly plain: number;
  readonly broadcast: number;
  readonly routed: number;
  readonly auto: number;
}

const results: ({ name: string; rank: number; workers: number } & Sent)[] = [];
for (const workers of (flags.workers ?? (flags.quick ? '2,4' : '2,4,8')).split(',').map(Number)) {
  const cluster = await startCluster(workers);
  try {
    for (const name of (flags.cases ?? (flags.quick ? '1m' : '1m,6m,wide')).split(',')) {
      const known = caseNamed(name);
      const ranks = flags.ranks.split(',').map(Number);
      const ratings = await firstValueFrom(
        fromRatings(readColumns(await caseFiles(known, ranks, objective.seed))),
      );
      for (const rank of ranks) {
        const sent: Record<string, number> = {};
        for (const routing of routings) {
          const { servers } = cluster;
          const placement = nodes({ servers, workers, routing });
          const { bytes, plain } = await measure(ratings, rank, placement);
          Object.assign(sent, { [routing]: bytes, plain });
          process.stderr.write(`${name} ${rank} ${workers} ${routing} ${bytes}\n`);
        }
        const factors = rank * (known.users + known.items) * 4 * workers;
        const { broadcast, routed, auto, plain } = sent as unknown as Sent;
        results.push({ name, rank, workers, factors, plain, broadcast, routed, auto });
      }
    }
  } finally {
    await cluster.stop();
  }
}

const machine = describeMachine();
if (flags.json) {
  process.stdout.write(`${JSON.stringify({ benchmark: 'nodes-bytes', machine, results })}\n`);
} else {
  const heads = ['case', 'rank', 'nodes', 'factors × nodes, MiB'];
  for (const routing of routings) heads.push(`${routing}, MiB`, 'share');
  const rows = results.map((result) => [
    result.name,
    `${result.rank}`,
    `${result.workers}`,
    formatMebibytes(result.factors),
    ...routings.flatMap((routing) => [
      formatMebibytes(result[routing]),
      (result[routing] / result.factors).toFixed(2),
    ]),
  ]);
  const version = `Node ${process.versions.node}`;
  process.stdout.write(`${markdownTable(heads, rows)}\n\n${machineLine(machine, [version])}\n`);
}

/** Bytes of a typical iteration, not of the first: that one sends the starting factors as well. */
async function measure(
  ratings: Ratings,
  rank: number,
  placement: ReturnType<typeof nodes>,
): Promise<{ readonly bytes: number; readonly plain: number }> {
  const { alpha, regularization, cgSteps, seed } = objective;
  const bytes: number[] = [];
  const plain: number[] = [];
  let [sent, sentPlain] = [0, 0];
  const options = {
    ...paperSettings,
    rank,
    iterations: 4,
    alpha,
    regularization,
    cgSteps,
    seed,
    placement,
  };
  await lastValueFrom(
    of(ratings).pipe(
      train(options),
      tap((event) => {
        if (event.type === 'phase') {
          sent += event.broadcastBytes;
          sentPlain += event.fullBroadcastBytes;
        }
        if (event.type !== 'iteration') return;
        if (event.iteration > 1) {
          bytes.push(sent);
          plain.push(sentPlain);
        }
        [sent, sentPlain] = [0, 0];
      }),
    ),
  );
  return { bytes: median(bytes), plain: median(plain) };
}
