import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { syntheticRatings } from '../ratings/synthetic-ratings.js';
import {
  type BenchCase,
  type BenchFigure,
  type BenchLength,
  checkCase,
  measureCase,
} from './bench-cases.js';
import type { BenchFlags } from './bench-flags.js';
import { describeSetting, figureLine, figureTable, settingLines } from './bench-report.js';
import { interruptions } from './interruption.js';
import { jsonLine } from './json-line.js';
import { progressOn } from './progress.js';
import { proseColumns, wrapText } from './wrap-text.js';
import { outputFault, writeOutput } from './write-output.js';

/** The sizes of MovieLens 1M. */
const shape = { users: 6_040, items: 3_706, seed: 1 } as const;
const fullLength: BenchLength = { iterations: 10, seconds: 1.5 };
const quickLength: BenchLength = { iterations: 3, seconds: 0.5 };

/** Runs `seesaw bench`. */
export async function runBench(flags: BenchFlags): Promise<void> {
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
      await writeOutput(flags.output, `${JSON.stringify({ ...setting, figures }, undefined, 2)}\n`);
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
    throw outputFault(cause, file);
  }
}

/** Every rank with every solver and number of threads. */
function casesOf({ ranks, solvers, threads, quick }: BenchFlags): BenchCase[] {
  const threadCounts = threads ?? [...new Set([1, availableParallelism()])];
  return (ranks ?? (quick ? [32, 64] : [32, 64, 128])).flatMap((rank) =>
    solvers.flatMap((solver) => threadCounts.map((threads) => ({ rank, solver, threads }))),
  );
}
