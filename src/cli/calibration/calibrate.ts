import { availableParallelism, cpus, totalmem } from 'node:os';
import { inProcess } from '../../../actors/placements/in-process.js';
import type { Placement } from '../../../actors/placements/placement.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { fitSeconds, fitTerms, type MeasuredTerms } from '../../../actors/planning/fit-seconds.js';
import {
  type MachineFigures,
  type RoadFigures,
  spreadOf,
} from '../../../actors/planning/machine-figures.js';
import { betweenTerms } from '../../../actors/planning/sequential-seconds.js';
import type { Solver } from '../../kernels/kernel-names.js';
import { chooseKernel } from '../../kernels/select/choose-kernel.js';
import type { Ratings } from '../../ratings/ratings.js';
import { syntheticRatings } from '../../ratings/synthetic-ratings.js';
import { measureCopies, measureReading, measureRotation } from './measure-machine.js';
import { type ObservedRun, observeRun } from './observe-run.js';
import type { Undisturbed } from './undisturbed.js';

/** Long rows, short rows, many rows that no cache holds. */
const shapes = [
  { users: 500, items: 2_500, count: 50_000 },
  { users: 3_000, items: 1_500, count: 300_000 },
  { users: 30_000, items: 8_000, count: 300_000 },
  { users: 25_000, items: 4_000, count: 1_200_000 },
] as const;

/** What each solver is timed with: those that do more for a row, on less. */
const cases: readonly {
  readonly solver: Solver;
  readonly ranks: readonly number[];
  readonly shapes: readonly (typeof shapes)[number][];
}[] = [
  { solver: 'cg', ranks: [16, 48, 96, 192, 288], shapes },
  { solver: 'cholesky', ranks: [16, 48, 96], shapes: shapes.slice(0, 3) },
  { solver: 'subspace', ranks: [32, 96, 224], shapes: shapes.slice(0, 3) },
];

/** The first one compiles and touches memory, and does not count. */
const iterations = 3;

/** What else is there between tasks of one thread: few and many of them. */
const betweenCases = [
  { rank: 8, blocks: 1 },
  { rank: 8, blocks: 64 },
  { rank: 48, blocks: 16 },
  { rank: 96, blocks: 32 },
  { rank: 192, blocks: 32 },
] as const;

/** The options of `calibrate`. */
export interface CalibrationOptions {
  /** Measures the way between nodes with the figures of the machine, or returns those that are known. */
  readonly road: (figures: Omit<MachineFigures, 'road'>) => Promise<RoadFigures>;
  readonly stopped: AbortSignal;
  readonly undisturbed: Undisturbed;
  /** Called before each part. */
  readonly onPart: (part: string) => void;
}

/**
 * Measures this machine: about a minute. Other programs should rest. What counts is what the machine does
 * if nothing holds it up.
 */
export async function calibrate(options: CalibrationOptions): Promise<MachineFigures> {
  const { stopped, onPart, undisturbed } = options;
  const cores = availableParallelism();
  const ratings = shapes.map((shape) => syntheticRatings({ ...shape, seed: 11 }));
  const runs = timedRuns(ratings, stopped);
  const observed: ObservedRun[] = [];
  for (const { ratings, run, name } of runs) {
    onPart(name);
    observed.push(
      await undisturbed(() => observeRun(ratings, { ...run, placement: run.placement() })),
    );
  }
  const solve = Object.fromEntries(
    cases.map(({ solver }) => {
      const own = runs.flatMap((each, at) => (each.solver === solver ? observed[at]!.tasks : []));
      return [solver, fitSeconds(own)];
    }),
  );
  const between = (place: 'inProcess' | 'threads') =>
    fitTerms(
      runs.flatMap((each, at) =>
        each.place === place ? [betweenOf(observed[at]!, each.run.rank)] : [],
      ),
    );
  onPart(`${cores} threads`);
  const slowdown = cores === 1 ? 1 : await measureSlowdown(ratings[1]!, cores, options);
  onPart('memory and DuckDB');
  const figures: Omit<MachineFigures, 'road'> = {
    format: 2,
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      node: process.versions.node,
      kernel: chooseKernel('auto').name,
    },
    // Every solver has a case.
    solve: solve as unknown as MachineFigures['solve'],
    slowdown,
    between: { inProcess: between('inProcess'), threads: between('threads') },
    rotate: measureRotation(),
    copyBytesPerSecond: measureCopies(),
    readRatingsPerSecond: await measureReading(stopped),
  };
  return { ...figures, road: await options.road(figures) };
}

/** All trainings that are timed. */
function timedRuns(ratings: readonly Ratings[], stopped: AbortSignal) {
  const solving = cases.flatMap(({ solver, ranks, shapes: own }) =>
    ranks.flatMap((rank) =>
      own.map((shape) => ({
        name: `${solver} at rank ${rank}`,
        ...{ solver, place: 'inProcess' as const, ratings: ratings[shapes.indexOf(shape)]! },
        run: { solver, rank, placement: inProcess, iterations, stopped },
      })),
    ),
  );
  const between = (['inProcess', 'threads'] as const).flatMap((place) =>
    betweenCases.map(({ rank, blocks }) => ({
      name: 'what is between tasks',
      ...{ solver: undefined, place, ratings: ratings[1]! },
      run: {
        ...{ rank, blocks, iterations: 5, stopped },
        placement: place === 'threads' ? () => threads(1) : inProcess,
      },
    })),
  );
  return [...solving, ...between];
}

/** What is between the tasks of an iteration. */
function betweenOf({ tasks, idleSeconds }: ObservedRun, rank: number): MeasuredTerms {
  return { terms: betweenTerms(2, tasks.length, rank), seconds: idleSeconds };
}

/** How much longer tasks take with every core at work. */
async function measureSlowdown(
  ratings: Ratings,
  cores: number,
  { stopped, undisturbed }: CalibrationOptions,
) {
  const seconds = async (placement: Placement) => {
    const run = { rank: 64, placement, blocks: 16, iterations: 4, stopped };
    const { tasks } = await undisturbed(() => observeRun(ratings, run));
    return tasks.reduce((sum, task) => sum + task.seconds, 0);
  };
  const alone: number[] = [];
  const together: number[] = [];
  for (let round = 0; round < 3; round++) {
    alone.push(await seconds(threads(1)));
    together.push(await seconds(threads(cores)));
  }
  return Math.max(1, spreadOf(together).median / spreadOf(alone).median);
}
