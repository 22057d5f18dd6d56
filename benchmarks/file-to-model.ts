/**
 * How long from a CSV with string ids to a trained model, beside pandas, scipy and implicit?
 *
 *     node build/benchmarks/file-to-model.js --quick
 *     node build/benchmarks/file-to-model.js --rows 20000000 --rounds 5
 *
 * The clock runs from the start of a process to the model in its memory: loading the libraries,
 * reading, mapping ids to rows, and ten iterations. The file has been read before by another one.
 */

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { CaseFiles } from './lib/case-files.js';
import { objective } from './lib/cases.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatMebibytes, formatRatio, formatSeconds, markdownTable } from './lib/markdown.js';
import { median, orderOf, pairedRatio } from './lib/measure.js';
import { ratingFiles } from './lib/rating-files.js';
import { runChild } from './lib/run-child.js';
import type { Trial } from './lib/trial.js';
import { canImport, runPeerScript } from './peers/peers.js';

/** The order to a process. */
export interface FileOrder extends Omit<Trial, keyof CaseFiles> {
  readonly file: string;
  /** When it was started, milliseconds since 1970. */
  readonly startedMs: number;
}

/** What it answers. Seconds count from `startedMs`. */
export interface FileResult {
  readonly versions: readonly string[];
  /** Until training could begin. */
  readonly readSeconds: number;
  /** Until the model was there. */
  readonly seconds: number;
  /** Highest resident memory of the whole process. */
  readonly peakBytes: number;
  readonly ratings: number;
  readonly users: number;
  readonly items: number;
  /** Over all cells. */
  readonly loss?: number;
}

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string' },
    rounds: { type: 'string' },
    rank: { type: 'string', default: '64' },
    iterations: { type: 'string', default: '10' },
    threads: { type: 'string', default: `${availableParallelism()}` },
    /** Another Node to run Seesaw with. */
    node: { type: 'string', default: process.execPath },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const rowCount = Number(flags.rows ?? (flags.quick ? 1e6 : 2e7));
const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 3));
const worker = fileURLToPath(new URL('./lib/file-to-model-worker.js', import.meta.url));
const file = (await ratingFiles(rowCount)).find(({ format }) => format === 'CSV')!.path;

const ways = [
  {
    name: 'Seesaw',
    run: (order: FileOrder) => runChild<FileResult>(flags.node, [worker, JSON.stringify(order)]),
  },
];
const modules = ['pandas', 'pyarrow', 'scipy', 'implicit'];
const missing = modules.filter((module) => !canImport(module)).join(' ');
if (missing === '') {
  const run = (order: FileOrder) => runPeerScript<FileResult>('pandas_implicit.py', order);
  ways.push({ name: 'pandas + implicit', run });
} else {
  process.stderr.write(`no comparison: cannot import ${missing}; try pip install ${missing}\n`);
}

const results = ways.map((way) => ({ ...way, runs: [] as FileResult[] }));
for (let round = 0; round < rounds; round++) {
  for (const { name, run, runs } of orderOf(results, round)) {
    const result = await run({
      ...objective,
      file,
      rank: Number(flags.rank),
      solver: 'cg',
      threads: Number(flags.threads),
      iterations: Number(flags.iterations),
      withLoss: round === 0,
      startedMs: Date.now(),
    });
    if (result.ratings !== rowCount) {
      throw new Error(`${name} read ${result.ratings} ratings; expected ${rowCount}`);
    }
    runs.push(result);
    process.stderr.write(`${name}: ${formatSeconds(result.seconds)} s\n`);
  }
}

const [seesaw] = results;
const figures = results.map(({ name, runs }) => ({
  name,
  versions: runs[0]!.versions,
  rows: rowCount,
  users: runs[0]!.users,
  items: runs[0]!.items,
  readSeconds: runs.map((run) => run.readSeconds),
  seconds: runs.map((run) => run.seconds),
  ratio: pairedRatio(
    runs.map((run) => run.seconds),
    seesaw!.runs.map((run) => run.seconds),
  ),
  peakBytes: Math.max(...runs.map((run) => run.peakBytes)),
  loss: runs[0]!.loss!,
}));
const machine = describeMachine();
if (flags.json) {
  const line = { benchmark: 'file-to-model', machine, objective, figures };
  process.stdout.write(`${JSON.stringify(line)}\n`);
} else {
  const rows = figures.map(({ name, readSeconds, seconds, ratio, peakBytes, loss }) => {
    const apart = loss / figures[0]!.loss - 1;
    return [
      ...[name, rowCount.toLocaleString('en')],
      ...[formatSeconds(median(readSeconds)), formatSeconds(median(seconds)), formatRatio(ratio)],
      formatMebibytes(peakBytes),
      `${Math.abs(apart) > 0.005 ? '≠ ' : ''}${loss.toPrecision(8)}`,
    ];
  });
  const heads = ['way', 'ratings', 'read s', 'whole s', 'time / Seesaw', 'peak MiB', 'loss'];
  const how = `Rank ${flags.rank}, cg, ${flags.iterations} iterations, ${flags.threads} threads`;
  const versions = figures.flatMap((figure) => figure.versions);
  process.stdout.write(
    `${markdownTable(heads, rows)}\n\n${how}; ${machineLine(machine, versions)}\n`,
  );
}
