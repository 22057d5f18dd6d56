import type { ExecutionContext } from 'ava';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { drawProblem } from '../builders/hostile-problems.js';
import { rowGaps } from '../probes/row-gaps.js';

/** What solves rows exactly, or subspaces of them. */
export const exactSolvers = ['cholesky', 'subspace', 'nonnegative'] as const;

/**
 * The largest gap of a row; see `RowGaps`. Where the Gram matrix alone holds a direction, float32 leaves
 * hostile ones a few thousandths; all others stay below 1e-4.
 */
export const gapTolerances = { hostile: 1e-2, ordinary: 2e-5 } as const;

/** Seeds to draw problems under. */
export interface Seeds {
  readonly first: number;
  readonly count: number;
}

/**
 * Fails if a row of an iteration is farther than `gapTolerances` say from the reference's.
 *
 * @returns how many problems ended with an error
 */
export function compareProblems(
  t: ExecutionContext,
  kernel: Kernel,
  kind: 'hostile' | 'ordinary',
  solver: (typeof exactSolvers)[number],
  { first, count }: Seeds,
): number {
  let refused = 0;
  for (let seed = first; seed < first + count; seed++) {
    const problem = drawProblem(seed, kind, solver);
    const { most, error } = rowGaps(kernel, {
      ...problem,
      options: { ...problem.options, iterations: 1 },
    });
    if (!(most <= gapTolerances[kind]))
      t.fail(`${kernel.name}, ${kind}, ${solver}, seed ${seed}: ${most}`);
    if (error) refused++;
  }
  t.pass();
  return refused;
}
