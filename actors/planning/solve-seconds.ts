import type { Solver } from '../../src/kernels/kernel-names.js';
import { type MachineFigures, secondsOf } from './machine-figures.js';

/** What the seconds of a task follow from. */
export interface TaskSize {
  readonly solver: Solver;
  readonly rank: number;
  /** With `cg`. */
  readonly cgSteps: number;
  /** With `subspace`. */
  readonly subspaceSize: number;
  readonly ratings: number;
  readonly rows: number;
  /** Rows of the fixed side: beyond the processor's caches they come from memory. */
  readonly fixedRows: number;
  /** Whether the task also sums errors, as those of the second phase do. */
  readonly isMeasured: boolean;
}

/** Where reading the fixed side becomes slower: about a core's share of the caches. */
const cacheBytes = 2 ** 20;

/**
 * The terms that a task's seconds are a sum of, by name, with n ratings, m rows, k = rank, the fixed
 * side's table of t bytes, s = cgSteps, d = subspaceSize; as in `operationsOf`.
 */
export function solveTerms(size: TaskSize): Record<string, number> {
  const { solver, cgSteps, ratings: n, rows: m, fixedRows, isMeasured } = size;
  const k = Math.ceil(size.rank / 4) * 4;
  const d = Math.min(size.subspaceSize, k);
  const distance = Math.log2(1 + (fixedRows * k * 4) / cacheBytes);
  const common = { task: 1, row: m, gram: k ** 2, measured: isMeasured ? n : 0 };
  switch (solver) {
    case 'cg': {
      const passes = (2 * cgSteps + 1) / 5;
      return {
        ...common,
        rating: n * passes,
        element: n * k * passes,
        farElement: n * k * distance,
        rowElement: m * k * passes,
        rowProduct: m * k ** 2 * passes,
      };
    }
    case 'cholesky':
      return {
        ...common,
        rating: n,
        element: n * k,
        farElement: n * k * distance,
        outer: n * k ** 2,
        rowProduct: m * k ** 2,
        factorisation: m * k ** 3,
      };
    case 'subspace':
      return {
        ...common,
        rating: n,
        element: n * k,
        farElement: n * k * distance,
        outer: n * k * d,
        rowProduct: m * k ** 2,
        factorisation: m * k * d ** 2,
      };
    default:
      return solver satisfies never;
  }
}

/** Seconds of a task alone on a machine, by its ratings and rows. */
export type SecondsOfTask = (ratings: number, rows: number) => number;

/** Seconds of the tasks of a phase: every term is fixed, or grows with ratings or with rows. */
export function secondsOfTasks(
  { solve }: Pick<MachineFigures, 'solve'>,
  phase: Omit<TaskSize, 'ratings' | 'rows'>,
): SecondsOfTask {
  const at = (ratings: number, rows: number) =>
    secondsOf(solve[phase.solver], solveTerms({ ...phase, ratings, rows }));
  const fixed = at(0, 0);
  const [ofRating, ofRow] = [at(1, 0) - fixed, at(0, 1) - fixed];
  return (ratings, rows) => fixed + ratings * ofRating + rows * ofRow;
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
