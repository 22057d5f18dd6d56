import type { Solver } from '../kernel-names.js';

/** What one iteration of the plain algorithm does, however the kernel arranges it. */
export interface Operations {
  /** Multiplications and additions, counted one each. */
  readonly flops: number;
  /** Bytes of fixed rows that the ratings point at, counted each time they are needed. */
  readonly gatheredBytes: number;
}

/** Sizes and settings that the operations of an iteration follow from. */
export interface WorkShape {
  readonly users: number;
  readonly items: number;
  readonly ratings: number;
  readonly rank: number;
  readonly solver: Solver;
  /** Counts with `cg` only. */
  readonly cgSteps: number;
  /** Counts with `subspace` only. */
  readonly subspaceSize: number;
}

/**
 * Operations of an iteration with k = rank, s = cgSteps, d = subspaceSize, n ratings in each phase
 * and m rows in all:
 *
 *     cg         n·(s + 1)·4k  products with the neighbours, from the residual on
 *                m·(s + 1)·2k² products with the Gram matrix
 *                m·s·10k       vectors of conjugate gradient
 *     cholesky   n·(k² + 3k)   half of the neighbours' outer products, and the right-hand side
 *                m·(k³/3 + 2k²) factorisation and two triangular solves
 *     subspace   n·(kd + 3k)   the same within each subspace, and its gradient
 *                n·4k          predictions at the start, and after each subspace
 *                m·(2k² + kd²/3 + 2kd) product with the Gram matrix, and the solves
 *     all        m·(k² + k)    half of the solved rows' Gram matrix
 *                n·2k          predictions for the errors, once an iteration
 */
export function operationsOf(shape: WorkShape): Operations {
  const { users, items, ratings, rank } = shape;
  const { perRating, perRow, passes } = phaseOperations(shape);
  const rows = users + items;
  return {
    flops: 2 * ratings * perRating + rows * (perRow + rank ** 2 + rank) + ratings * 2 * rank,
    gatheredBytes: 2 * ratings * passes * rank * 4,
  };
}

/** Operations for each rating and row of a phase, and how often the neighbours are read. */
function phaseOperations({ rank, solver, cgSteps, subspaceSize }: WorkShape) {
  switch (solver) {
    case 'cg': {
      const passes = cgSteps + 1;
      const perRow = passes * 2 * rank ** 2 + cgSteps * 10 * rank;
      return { perRating: passes * 4 * rank, perRow, passes };
    }
    case 'cholesky':
      return {
        perRating: rank ** 2 + 3 * rank,
        perRow: rank ** 3 / 3 + 2 * rank ** 2,
        passes: 1,
      };
    case 'subspace': {
      const size = Math.min(subspaceSize, rank);
      return {
        perRating: rank * size + 7 * rank,
        perRow: 2 * rank ** 2 + (rank * size ** 2) / 3 + 2 * rank * size,
        // All of a neighbour for the prediction, then each part of it for its subspace.
        passes: 2,
      };
    }
    default:
      return solver satisfies never;
  }
}
