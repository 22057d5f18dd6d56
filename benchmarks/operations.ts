import type { BenchmarkCase } from './cases.js';

/** What one iteration of the plain algorithm does, however the kernel arranges it. */
export interface Operations {
  /** Multiplications and additions, counted one each. */
  readonly flops: number;
  /** Bytes of fixed rows that the ratings point at, counted each time they are needed. */
  readonly gatheredBytes: number;
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
export function operationsOf(
  { users, items, count }: BenchmarkCase,
  rank: number,
  solver: string,
  cgSteps: number,
): Operations {
  const rows = users + items;
  const passes = solver === 'cg' ? cgSteps + 1 : 1;
  const rating = solver === 'cg' ? passes * 4 * rank : rank ** 2 + 3 * rank;
  const row =
    solver === 'cg' ? passes * 2 * rank ** 2 + cgSteps * 10 * rank : rank ** 3 / 3 + 2 * rank ** 2;
  return {
    flops: 2 * count * rating + rows * (row + rank ** 2 + rank) + count * 2 * rank,
    gatheredBytes: 2 * count * passes * rank * 4,
  };
}
