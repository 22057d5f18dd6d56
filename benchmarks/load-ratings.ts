/**
 * How long do ratings with string ids take from a file to both orientations, and how much memory?
 *
 *     node build/benchmarks/load-ratings.js --quick
 *     node build/benchmarks/load-ratings.js --rows 20000000 --rounds 5
 *
 * Every run is a process of its own; its peak is all it ever had resident, DuckDB and Node included.
 */

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LoadResult } from './lib/load-ratings-worker.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatMebibytes, formatSeconds, markdownTable } from './lib/markdown.js';
import { median } from './lib/measure.js';
import { ratingFiles } from './lib/rating-files.js';
import { runChild } from './lib/run-child.js';

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const rowCount = Number(flags.rows ?? (flags.quick ? 1e6 : 2e7));
const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 5));
const worker = fileURLToPath(new URL('./lib/load-ratings-worker.js', import.meta.url));

const files = await ratingFiles(rowCount);
const results = files.map((file) => ({ ...file, runs: [] as LoadResult[] }));
for (let round = 0; round < rounds; round++) {
  for (const { path, runs } of results) {
    const run = await runChild<LoadResult>(process.execPath, [worker, path]);
    if (run.ratings !== rowCount) throw new Error(`read ${run.ratings} of ${rowCount} ratings`);
    runs.push(run);
  }
}

const machine = describeMachine();
const figures = results.map(({ format, bytes, runs }) => ({
  format,
  rows: rowCount,
  fileBytes: bytes,
  users: runs[0]!.users,
  items: runs[0]!.items,
  seconds: median(runs.map((run) => run.seconds)),
  slowestSeconds: Math.max(...runs.map((run) => run.seconds)),
  peakBytes: Math.max(...runs.map((run) => run.peakBytes)),
}));
if (flags.json) {
  for (const figure of figures) {
    process.stdout.write(`${JSON.stringify({ benchmark: 'load-ratings', ...figure, machine })}\n`);
  }
} else {
  const rows = figures.map((figure) => [
    figure.format,
    figure.rows.toLocaleString('en'),
    formatMebibytes(figure.fileBytes),
    formatSeconds(figure.seconds),
    formatSeconds(figure.slowestSeconds),
    formatMebibytes(figure.peakBytes),
  ]);
  const heads = ['file', 'ratings', 'MiB', 'median s', 'slowest s', 'peak MiB'];
  const versions = [`Node ${process.versions.node}`];
  process.stdout.write(`${markdownTable(heads, rows)}\n\n${machineLine(machine, versions)}\n`);
}
