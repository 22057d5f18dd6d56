import { of, takeWhile, tap } from 'rxjs';
import { inProcess } from '../../actors/placements/in-process.js';
import { threads } from '../../actors/placements/threads/threads.js';
import { train } from '../../dataflow/training/train.js';
import type { KernelName, Solver } from '../kernels/kernel-names.js';
import { operationsOf } from '../kernels/select/operations.js';
import type { Ratings } from '../ratings/ratings.js';
import { paperSettings } from '../training/options.js';
import { unlessStopped } from './unless-stopped.js';

/** The setting of one figure of `bench`. */
export interface BenchCase {
  readonly rank: number;
  readonly solver: Solver;
  /** Threads that solve; with 1 the main thread does. */
  readonly threads: number;
}

/** The measured time of one case on this machine. */
export interface BenchFigure extends BenchCase {
  readonly kernel: KernelName;
  /** How many iterations counted. */
  readonly iterations: number;
  /** Of an iteration, both phases and the errors: the median of those that counted. */
  readonly seconds: number;
  readonly fastestSeconds: number;
  readonly ratingsPerSecond: number;
  /** Of the plain algorithm (`operationsOf`), however the kernel arranges it. */
  readonly gigaflops: number;
}

/** The objective of every case; confidences lie between 3 and 11. */
export const benchObjective = Object.freeze({
  ...paperSettings,
  alpha: 2,
  regularization: 1,
  cgSteps: 3,
  subspaceSize: 32,
  seed: 42,
});

/** How long a case is measured. */
export interface BenchLength {
  /** Largest number of measured iterations, ≥ 1; one more runs before them. */
  readonly iterations: number;
  /** No iteration begins after this many seconds of those that count; at least one counts. */
  readonly seconds: number;
}

/** Throws `InvalidOptionError` for a case that cannot be trained. */
export function checkCase(benchCase: BenchCase): void {
  trainingOf(benchCase, 1);
}

function trainingOf({ rank, solver, threads: count }: BenchCase, iterations: number) {
  const placement = count === 1 ? inProcess() : threads(count);
  return train({ ...benchObjective, rank, solver, iterations, placement });
}

/** Trains on `ratings` as a user would. Rejects with the signal's reason when stopped. */
export async function measureCase(
  ratings: Ratings,
  benchCase: BenchCase,
  length: BenchLength,
  stopped: AbortSignal,
): Promise<BenchFigure> {
  const { rank, solver } = benchCase;
  const secondsOf: number[] = [];
  let kernel: KernelName = 'reference';
  let measuredSeconds = 0;
  await unlessStopped(
    stopped,
    of(ratings).pipe(
      trainingOf(benchCase, 1 + length.iterations),
      tap((event) => {
        if (event.type === 'started') kernel = event.kernel;
        // The first iteration compiles and touches memory.
        if (event.type !== 'iteration' || event.iteration === 1) return;
        secondsOf.push(event.seconds);
        measuredSeconds += event.seconds;
      }),
      takeWhile(() => measuredSeconds < length.seconds),
    ),
  );
  const seconds = median(secondsOf);
  const count = ratings.byUser.columns.length;
  const { flops } = operationsOf({
    users: ratings.byUser.rowCount,
    items: ratings.byItem.rowCount,
    ratings: count,
    rank,
    solver,
    ...benchObjective,
  });
  return {
    ...benchCase,
    kernel,
    iterations: secondsOf.length,
    seconds,
    fastestSeconds: Math.min(...secondsOf),
    ratingsPerSecond: count / seconds,
    gigaflops: flops / seconds / 1e9,
  };
}

/** The middle one, or the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2)];
  return (sorted[low]! + sorted[high]!) / 2;
}
