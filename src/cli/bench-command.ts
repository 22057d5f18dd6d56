import { constants } from 'node:fs';
import { access, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { fileFault } from '../io/files/file-fault.js';
import type { Solver } from '../kernels/kernel-names.js';
import { syntheticRatings } from '../ratings/synthetic-ratings.js';
import {
  type BenchCase,
  type BenchFigure,
  type BenchLength,
  checkCase,
  measureCase,
} from './bench-cases.js';
import { describeSetting, figureLine, figureTable, settingLines } from './bench-report.js';
import { addNotes } from './help-text.js';
import { interruptions } from './interruption.js';
import { jsonLine } from './json-line.js';
import { parseNumber } from './parse-number.js';
import { progressOn } from './progress.js';
import { proseColumns, wrapText } from './wrap-text.js';

interface BenchFlags {
  readonly ranks?: readonly number[];
  readonly solvers: readonly Solver[];
  readonly threads?: readonly number[];
  readonly ratings: number;
  readonly quick?: true;
  readonly output?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** The sizes of MovieLens 1M. */
const shape = { users: 6_040, items: 3_706, seed: 1 } as const;
const knownSolvers: readonly Solver[] = ['cg', 'cholesky', 'subspace'];
const usualSolvers: readonly Solver[] = ['cg', 'cholesky'];
const fullLength: BenchLength = { iterations: 10, seconds: 1.5 };
const quickLength: BenchLength = { iterations: 3, seconds: 0.5 };

const notes = [
  'Ratings are made up from a seed and the same everywhere, so that two reports can be compared. A figure is the median of up to ten iterations after one to warm up, with the actors, the stream and the errors in it. GFLOP/s counts the operations of the plain algorithm. Close other programs first.',
];
const examples = [
  'seesaw bench',
  'seesaw bench --quick',
  'seesaw bench --ranks 64 --solvers cg --threads 1,2,4,8',
  'seesaw bench --output figures.json',
  `seesaw bench --json | jq 'select(.type == "figure") | .seconds'`,
];

/** Adds `seesaw bench`. */
export function addBenchCommand(program: Command): void {
  const command = program
    .command('bench')
    .summary('measure how fast this machine trains')
    .description('Measures seconds per iteration on made-up ratings of the size of MovieLens 1M.')
    .option('--ranks <list>', 'latent dimensions (default: 32,64,128)', parseNumbers)
    .addOption(
      new Option('--solvers <list>', `some of ${knownSolvers.join()}`)
        .argParser(parseSolvers)
        .default(usualSolvers, usualSolvers.join()),
    )
    .option('--threads <list>', 'numbers of threads (default: 1 and one a core)', parseNumbers)
    .option('--ratings <n>', 'how many ratings to make up', parseNumber, 1_000_000)
    .option('--quick', 'fewer iterations, and ranks 32 and 64 only: some seconds')
    .option('--output <file>', 'file for all figures as JSON')
    .option('--json', 'print one JSON object a line: the setting, then every figure')
    .option('--quiet', 'no progress')
    .action(runBench);
  addNotes(command, notes, examples);
}

async function runBench(flags: BenchFlags): Promise<void> {
  const stopped = interruptions();
  const cases = casesOf(flags);
  cases.forEach(checkCase);
  if (flags.output !== undefined) await checkOutput(flags.output);
  const progress = progressOn(process.stderr, flags.json === true || flags.quiet === true);
  try {
    progress.begin('making up ratings');
    const ratings = syntheticRatings({ ...shape, count: flags.ratings });
    const setting = describeSetting(ratings);
    progress.pause();
    if (flags.json) process.stdout.write(jsonLine({ type: 'setting', ...setting }));
    else
      process.stdout.write(
        `${wrapText(settingLines(setting), { columns: proseColumns(process.stdout), indent: 2 })}\n\n`,
      );

    const figures: BenchFigure[] = [];
    for (const [done, each] of cases.entries()) {
      const last = figures.at(-1);
      const soFar = last === undefined ? '' : `  after ${figureLine(last)}`;
      const { rank, solver, threads } = each;
      progress.begin(`${done + 1}/${cases.length}  rank ${rank} ${solver} × ${threads}${soFar}`);
      const length = flags.quick ? quickLength : fullLength;
      const figure = await measureCase(ratings, each, length, stopped);
      figures.push(figure);
      if (flags.json) process.stdout.write(jsonLine({ type: 'figure', ...figure }));
    }
    progress.pause();
    if (!flags.json)
      process.stdout.write(`${figureTable(figures, process.stdout.columns || 80)}\n`);
    if (flags.output !== undefined) {
      await writeFile(flags.output, `${JSON.stringify({ ...setting, figures }, undefined, 2)}\n`);
    }
  } finally {
    progress.pause();
  }
}

/** Throws where the file cannot be written, before anything is measured. */
async function checkOutput(file: string): Promise<void> {
  try {
    await access(dirname(file), constants.W_OK);
  } catch (cause) {
    const fault = fileFault(cause, file, 'a file that can be written');
    throw fault === undefined ? cause : new Error(fault, { cause });
  }
}

/** Every rank with every solver and number of threads. */
function casesOf({ ranks, solvers, threads, quick }: BenchFlags): BenchCase[] {
  const threadCounts = threads ?? [...new Set([1, availableParallelism()])];
  return (ranks ?? (quick ? [32, 64] : [32, 64, 128])).flatMap((rank) =>
    solvers.flatMap((solver) => threadCounts.map((threads) => ({ rank, solver, threads }))),
  );
}

function parseNumbers(text: string): readonly number[] {
  return text.split(',').map(parseNumber);
}

function parseSolvers(text: string): readonly Solver[] {
  return text.split(',').map((name) => {
    const found = knownSolvers.find((solver) => solver === name);
    if (found) return found;
    throw new InvalidArgumentError(`Expected some of ${knownSolvers.join()}.`);
  });
}
