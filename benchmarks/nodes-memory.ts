/**
 * How much memory does a supervisor need when workers read their own share of the ratings, and how
 * much when it reads and ships them? The same users and items, more and more ratings.
 *
 *     node build/benchmarks/nodes-memory.js --quick
 *     node build/benchmarks/nodes-memory.js --counts 1,5,20 --rank 16
 */

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatMebibytes, formatSeconds, markdownTable } from './lib/markdown.js';
import type { MemoryOrder, MemoryResult } from './lib/nodes-memory-worker.js';
import { startCluster } from './lib/private-cluster.js';
import { ratingFiles } from './lib/rating-files.js';
import { runChild } from './lib/run-child.js';

const { values: flags } = parseArgs({
  options: {
    /** Millions of ratings. */
    counts: { type: 'string' },
    users: { type: 'string', default: '138493' },
    format: { type: 'string', default: 'Parquet' },
    workers: { type: 'string', default: '2' },
    rank: { type: 'string', default: '16' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const script = fileURLToPath(new URL('./lib/nodes-memory-worker.js', import.meta.url));
const workers = Number(flags.workers);
const results = [];
for (const millions of (flags.counts ?? (flags.quick ? '1,5' : '1,5,20')).split(',').map(Number)) {
  const files = await ratingFiles(Math.round(millions * 1e6), Number(flags.users));
  const file = files.find(({ format }) => format === flags.format);
  if (file === undefined) throw new RangeError(`found no format ${flags.format} among the files`);
  const byWorkers = await measure(file.path, true);
  const shipped = await measure(file.path, false);
  if (byWorkers.loss !== shipped.loss) {
    throw new Error(`found losses ${byWorkers.loss} and ${shipped.loss}; expected equal ones`);
  }
  results.push({ millions, byWorkers, shipped });
}

const machine = describeMachine();
if (flags.json) {
  process.stdout.write(`${JSON.stringify({ benchmark: 'nodes-memory', machine, results })}\n`);
} else {
  const heads = [
    'ratings, M',
    'users × items',
    'read by',
    'supervisor peak, MiB',
    'worker peak, MiB',
    'until it begins, s',
    'first iteration, s',
  ];
  const rows = results.flatMap(({ millions, byWorkers, shipped }) =>
    [byWorkers, shipped].map((result, at) => [
      `${millions}`,
      `${result.users} × ${result.items}`,
      at === 0 ? 'workers' : 'supervisor',
      formatMebibytes(result.peakBytes),
      formatMebibytes(result.workerPeakBytes),
      formatSeconds(result.readSeconds),
      formatSeconds(result.firstIteration),
    ]),
  );
  const version = `Node ${process.versions.node}`;
  process.stdout.write(`${markdownTable(heads, rows)}\n\n${machineLine(machine, [version])}\n`);
}

/** One job with workers of its own, whose memory no other job has used. */
async function measure(path: string, byWorkers: boolean) {
  const cluster = await startCluster(workers, 1, ['--data', dirname(path)]);
  try {
    const { servers } = cluster;
    const rank = Number(flags.rank);
    const order: MemoryOrder = { path, servers, workers, rank, iterations: 2, byWorkers };
    const result = await runChild<MemoryResult>(process.execPath, [script, JSON.stringify(order)]);
    process.stderr.write(`${path} ${JSON.stringify(result)}\n`);
    return { ...result, workerPeakBytes: cluster.peakBytes() };
  } finally {
    await cluster.stop();
  }
}
