import { availableParallelism, cpus, totalmem } from 'node:os';
import { inProcess } from '../../../actors/placements/in-process.js';
import type { Placement } from '../../../actors/placements/placement.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { fitSeconds, fitTerms, type MeasuredTerms } from '../../../actors/planning/fit-seconds.js';
import {
  type FittedSeconds,
  type MachineFigures,
  type RoadFigures,
  timesSeconds,
} from '../../../actors/planning/machine-figures.js';
import { betweenTerms } from '../../../actors/planning/sequential-seconds.js';
import type { Solver } from '../../kernels/kernel-names.js';
import { chooseKernel } from '../../kernels/select/choose-kernel.js';
import type { Ratings } from '../../ratings/ratings.js';
import { syntheticRatings } from '../../ratings/synthetic-ratings.js';
import type { CoresAtWork, SpeedProbe } from './machine-speed.js';
import { measureCopies, measureReading, measureRotation } from './measure-machine.js';
import { type ObservedRun, observeRun } from './observe-run.js';

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
const iterations = 4;

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
  readonly speed: SpeedProbe;
  /** Called before each part. */
  readonly onPart: (part: string) => void;
}

/**
 * Measures this machine: one to three minutes. Other programs should rest. All is measured in pieces of
 * work, and told in the seconds that those take in the median of the calibration.
 */
export async function calibrate(options: CalibrationOptions): Promise<MachineFigures> {
  const { stopped, onPart, speed } = options;
  const cores = availableParallelism();
  const ratings = shapes.map((shape) => syntheticRatings({ ...shape, seed: 11 }));
  const runs = timedRuns(ratings, stopped);
  const observed: ObservedRun[] = [];
  for (const { ratings, run, name } of runs) {
    onPart(name);
    const placement = run.placement();
    observed.push(
      await observeRun(ratings, { ...run, placement, probe: speed.probe, cores: 'alone' }),
    );
  }
  const fitSolver = (solver: Solver) =>
    fitSeconds(runs.flatMap((each, at) => (each.solver === solver ? observed[at]!.tasks : [])));
  const fitBetween = (place: 'inProcess' | 'threads') =>
    fitTerms(
      runs.flatMap((each, at) =>
        each.place === place ? [betweenOf(observed[at]!, each.run.rank)] : [],
      ),
    );
  onPart(`${cores} threads`);
  const contention = cores === 1 ? 1 : await measureContention(ratings[1]!, cores, options);
  onPart('memory and DuckDB');
  const rotation = measureRotation(speed.probe);
  const copyBytesPerSecond = measureCopies();
  const readRatingsPerSecond = await measureReading(stopped);
  const usual = speed.usual();
  const inSeconds = (fit: FittedSeconds) => timesSeconds(fit, usual.alone);
  const figures: Omit<MachineFigures, 'road'> = {
    format: 3,
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      node: process.versions.node,
      kernel: chooseKernel('auto').name,
    },
    speed: usual,
    solve: {
      cg: inSeconds(fitSolver('cg')),
      cholesky: inSeconds(fitSolver('cholesky')),
      subspace: inSeconds(fitSolver('subspace')),
    },
    slowdown: Math.max(1, (contention * usual.together) / usual.alone),
    between: {
      inProcess: inSeconds(fitBetween('inProcess')),
      threads: inSeconds(fitBetween('threads')),
    },
    rotate: inSeconds(rotation),
    copyBytesPerSecond,
    readRatingsPerSecond,
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

/** How many times as many pieces tasks take with every core at work: threads share memory and caches. */
async function measureContention(
  ratings: Ratings,
  count: number,
  { stopped, speed }: CalibrationOptions,
) {
  const pieces = async (placement: Placement, cores: CoresAtWork) => {
    const run = { rank: 64, placement, cores, blocks: 16, iterations: 8, stopped };
    const { tasks } = await observeRun(ratings, { ...run, probe: speed.probe });
    return tasks.reduce((sum, task) => sum + task.seconds, 0);
  };
  return (await pieces(threads(count), 'together')) / (await pieces(threads(1), 'alone'));
}
