import { fileURLToPath } from 'node:url';
import type { Solver } from 'seesaw';
import { type CaseFiles, caseFiles } from './case-files.js';
import { caseNamed, objective } from './cases.js';
import { markdownTable } from './markdown.js';
import { median, type PairedRatio, pairedRatio } from './measure.js';
import { runChild } from './run-child.js';

/** How a run is watched; the others are compared with the first. The second shows the noise. */
export const watchVariants = ['plain', 'plain again', 'watched', 'watched by a page'] as const;
/** Variants whose events are emitted again without a training. */
export const replayVariants = ['plain', 'watched', 'watched by a page'] as const;
export type WatchVariant = (typeof watchVariants)[number];

/** The order to the child process. */
export interface WatchOrder {
  /** A file of ratings, or the columns of a case. */
  readonly ratings: string | CaseFiles;
  readonly rank: number;
  readonly solver: Solver;
  readonly threads: number;
  readonly rounds: number;
  /** Rounds of replays. */
  readonly replays: number;
  /** Of a run; the first one is not counted. */
  readonly iterations: number;
}

/** What the child process answers. */
export interface WatchSeconds {
  /** Seconds of an iteration by variant, a number a round. */
  readonly seconds: Readonly<Record<WatchVariant, readonly number[]>>;
  /** Processor time of an iteration's events in the replays, a number a round. */
  readonly cpuSeconds: Readonly<Record<(typeof replayVariants)[number], readonly number[]>>;
  readonly losses: readonly number[];
  /** `seesaw 0.1.0 on Node 26.10.0 with wasm-simd128` */
  readonly version: string;
}

/** One set of ratings on so many threads. */
export interface WatchOverhead extends WatchSeconds {
  readonly caseName: string;
  readonly rank: number;
  readonly threads: number;
}

const bundled = fileURLToPath(
  new URL('../../../examples/data/movielens-small/ratings.csv', import.meta.url),
);

/**
 * Trains watched and not, in turns in one process, so that a pair of runs has the same memory and
 * the same compiled code. `movielens-small` is the bundled set, whose phases take milliseconds.
 *
 * @param iterations of a run; by default as many as take a few seconds
 */
export async function measureWatching({
  caseNames,
  ranks,
  solver,
  threads,
  rounds,
  iterations,
  node = process.execPath,
}: {
  readonly caseNames: readonly string[];
  readonly ranks: readonly number[];
  readonly solver: Solver;
  readonly threads: readonly number[];
  readonly rounds: number;
  readonly iterations: number | undefined;
  readonly node: string | undefined;
}): Promise<readonly WatchOverhead[]> {
  const script = fileURLToPath(new URL('./watch-overhead-worker.js', import.meta.url));
  const measured: WatchOverhead[] = [];
  for (const caseName of caseNames) {
    const isSmall = caseName === 'movielens-small';
    const ratings = isSmall ? bundled : await caseFiles(caseNamed(caseName), ranks, objective.seed);
    for (const rank of ranks) {
      for (const count of threads) {
        const order: WatchOrder = {
          ...{ ratings, rank, solver, threads: count, rounds, replays: Math.min(rounds, 5) },
          iterations: iterations ?? (isSmall ? 50 : 8),
        };
        const args = ['--expose-gc', script, JSON.stringify(order)];
        const found = await runChild<WatchSeconds>(node, args);
        if (found.losses.length !== 1) {
          throw new Error('watched runs reached another loss; expected the same model');
        }
        measured.push({ caseName, rank, threads: count, ...found });
        process.stderr.write(`${caseName} ${rank} threads(${count}): done\n`);
      }
    }
  }
  return measured;
}

/**
 * A row for every variant, with the median of its pairs. What watching takes of the processor is set
 * against the time of an iteration: a bound of what it costs where every core is busy, and far more
 * precise than the clock.
 */
export function watchTable(measured: readonly WatchOverhead[]): string {
  const rows = measured.flatMap(({ caseName, rank, threads, seconds, cpuSeconds }) =>
    watchVariants.map((variant) => {
      const isFirst = variant === watchVariants[0];
      return [
        ...[caseName, `${rank}`, `${threads}`, variant],
        (1000 * median(seconds[variant])).toPrecision(3),
        isFirst ? '–' : formatCost(pairedRatio(seconds[variant], seconds.plain)),
        ...(variant === 'watched' || variant === 'watched by a page'
          ? formatProcessor(cpuSeconds[variant], cpuSeconds.plain, median(seconds.plain))
          : ['–', '–']),
      ];
    }),
  );
  return markdownTable(
    [
      ...['ratings', 'rank', 'threads', 'run', 'ms', 'more time'],
      ...['ms of the processor', 'of an iteration'],
    ],
    rows,
  );
}

/** What watching adds, and that as a share, the median and all rounds: `0.21 % (0.18 to 0.25)`. */
function formatProcessor(
  watched: readonly number[],
  plain: readonly number[],
  iterationSeconds: number,
): readonly string[] {
  const added = watched.map((each, round) => each - plain[round]!);
  const percent = (each: number) => ((100 * each) / iterationSeconds).toFixed(2);
  return [
    (1000 * median(added)).toPrecision(2),
    `${percent(median(added))} % (${percent(Math.min(...added))} to ${percent(Math.max(...added))})`,
  ];
}

/** The median with the quartiles of all pairs: `0.31 % (-0.80–1.52)`. */
function formatCost({ median, lowerQuartile, upperQuartile }: PairedRatio): string {
  const percent = (ratio: number) => (100 * (ratio - 1)).toFixed(2);
  return `${percent(median)} % (${percent(lowerQuartile)} to ${percent(upperQuartile)})`;
}
