import type { Solver } from './kernel.js';

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
}

/**
 * Operations of an iteration with k = rank, s = cgSteps, n ratings in each phase and m rows in all:
 *
 *     cg         n·(s + 1)·4k  products with the neighbours, from the residual on
 *                m·(s + 1)·2k² products with the Gram matrix
 *                m·s·10k       vectors of conjugate gradient
 *     cholesky   n·(k² + 3k)   half of the neighbours' outer products, and the right-hand side
 *                m·(k³/3 + 2k²) factorisation and two triangular solves
 *     both       m·(k² + k)    half of the solved rows' Gram matrix
 *                n·2k          predictions for the errors, once an iteration
 */
export function operationsOf(shape: WorkShape): Operations {
  const { users, items, ratings, rank, solver, cgSteps } = shape;
  const rows = users + items;
  const passes = solver === 'cg' ? cgSteps + 1 : 1;
  const eachRating = solver === 'cg' ? passes * 4 * rank : rank ** 2 + 3 * rank;
  const eachRow =
    solver === 'cg' ? passes * 2 * rank ** 2 + cgSteps * 10 * rank : rank ** 3 / 3 + 2 * rank ** 2;
  return {
    flops: 2 * ratings * eachRating + rows * (eachRow + rank ** 2 + rank) + ratings * 2 * rank,
    gatheredBytes: 2 * ratings * passes * rank * 4,
  };
}
