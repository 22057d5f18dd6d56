import type { Solver } from '../../src/kernels/kernel-names.js';
import { walkLimits } from '../../src/kernels/wasm/wasm-kernel.js';
import type { RunningLengths } from '../../src/ratings/blocks.js';
import { type MachineFigures, secondsOf } from './machine-figures.js';

/** How large a block is. */
export interface BlockSize {
  readonly ratings: number;
  readonly rows: number;
  /** Those with ratings; of the others little is done. */
  readonly ratedRows: number;
}

/** What the seconds of a task follow from. */
export interface TaskSize extends BlockSize {
  readonly solver: Solver;
  readonly rank: number;
  /** With `cg`. */
  readonly cgSteps: number;
  /** With `subspace`. */
  readonly subspaceSize: number;
  readonly fixedRows: number;
  /** Share of the ratings whose row of the fixed side no cache of a core holds; see `farShare`. */
  readonly farShare: number;
  /** Whether the task also sums errors, as those of the second phase do. */
  readonly isMeasured: boolean;
}

/** What a core's own caches hold of the fixed side: about a second-level cache. */
const cacheBytes = 2 ** 19;

/** Share of the ratings whose row is not among the most popular ones of a side, as many as a cache holds. */
export function farShare(fixed: RunningLengths, rank: number): number {
  const cached = Math.floor(cacheBytes / (paddedTo4(rank) * 4));
  const { rowCount } = fixed;
  return 1 - fixed.entriesBefore(Math.min(cached, rowCount)) / fixed.entriesBefore(rowCount);
}

/** Elements of a row. */
function paddedTo4(rank: number): number {
  return Math.ceil(rank / 4) * 4;
}

/**
 * The terms that a task's seconds are a sum of, by name, with n ratings, m rows, r of them with ratings,
 * k = rank, s = cgSteps, d = subspaceSize; as in `operationsOf`. Terms named far are of rows that
 * come from beyond a core's caches.
 */
export function solveTerms(size: TaskSize): Record<string, number> {
  const { solver, cgSteps, ratings: n, rows: m, ratedRows: r, isMeasured } = size;
  const far = size.farShare;
  const k = paddedTo4(size.rank);
  const d = solver === 'cholesky' ? k : Math.min(size.subspaceSize, k);
  const measured = isMeasured ? n : 0;
  // Written out, since a plan of 10,000 nodes asks for the terms of a million tasks.
  switch (solver) {
    case 'cg': {
      const passes = (2 * cgSteps + 1) / 5;
      return {
        task: 1,
        row: m,
        gram: k * k,
        measured,
        rating: n * passes,
        element: n * k * passes,
        farElement: n * k * far * passes,
        farRating: leaps(size, k) * far * passes,
        rowElement: r * k * passes,
        rowProduct: m * k * k * passes,
      };
    }
    // Cholesky solves in the one subspace that is all.
    case 'cholesky':
    case 'subspace':
      return {
        task: 1,
        row: m,
        gram: k * k,
        measured,
        rating: n,
        element: n * k,
        farElement: n * k * far,
        outer: n * k * d,
        ratedRow: r,
        blockGram: m * k * k,
        rowProduct: r * k * k,
        factorisation: r * k * d * d,
      };
    default:
      return solver satisfies never;
  }
}

/**
 * How often `cg` reads a row of the fixed side that it does not know from the same step. The rows of a
 * batch take a step together, and read the fixed side in order if they have more ratings than it has rows.
 *
 * @param width elements of a row, with padding
 */
function leaps({ ratings, rows, fixedRows }: TaskSize, width: number): number {
  if (ratings === 0) return 0;
  const batchRows = Math.ceil(walkLimits.batchBytes / (width * 4));
  const batchEntries = Math.min(walkLimits.batchEntries, (ratings / rows) * batchRows, ratings);
  return ratings * Math.min(1, fixedRows / batchEntries);
}

/** Seconds of a task alone on a machine. */
export function solveSeconds({ solve }: Pick<MachineFigures, 'solve'>, size: TaskSize): number {
  return secondsOf(solve[size.solver], solveTerms(size));
}

/**
 * How much longer tasks take while `threads` of them run on a machine: cores share caches, memory and
 * heat. Threads beyond the cores wait for each other.
 */
export function slowdownOf({ machine, slowdown }: MachineFigures, threads: number): number {
  const { cores } = machine;
  if (threads <= 1 || cores <= 1) return Math.max(1, threads);
  return 1 + ((slowdown - 1) * (Math.min(threads, cores) - 1)) / (cores - 1);
}
