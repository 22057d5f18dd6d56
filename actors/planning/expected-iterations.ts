import type { Solver } from '../../src/kernels/kernel-names.js';
import type { Start } from '../../src/training/options.js';

/** How many iterations a training takes until it stops by itself. */
export interface ExpectedIterations {
  /** Of the trainings that were measured. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Both rules by which `seesaw train` stops. */
export interface IterationsByRule {
  /** NDCG@20 on withheld ratings gains less than 0.2 % in three more iterations. */
  readonly lists: ExpectedIterations;
  /** The loss falls by less than 0.2 %. */
  readonly loss: ExpectedIterations;
}

/**
 * Iterations until one of the rules ends a training, on MovieLens 1M, goodbooks-10k, Debian dependencies,
 * MovieLens latest-small and 100K in this order, at rank 32; with cg and a sketch also at rank 128.
 */
const measured: Readonly<
  Record<Solver, Partial<Record<Start, Readonly<Record<'lists' | 'loss', readonly number[]>>>>>
> = {
  cg: {
    sketch: { lists: [10, 5, 4, 8, 4, 9, 9, 6, 6, 5], loss: [4, 8, 8, 5, 4, 3, 8, 8, 4, 3] },
    random: { lists: [12, 5, 7, 10, 11], loss: [5, 8, 10, 6, 6] },
  },
  cholesky: { random: { lists: [13, 5, 6, 11, 11], loss: [10, 9, 11, 6, 10] } },
  subspace: { sketch: { lists: [4, 6, 4, 9, 4], loss: [3, 8, 8, 4, 4] } },
};

/** What the expectation rests on. */
export const iterationsBasis =
  'MovieLens 1M, 100K and latest-small, goodbooks-10k and Debian dependencies at ranks 32 and 128';

/** Where a solver starts by default. */
export function usualStart(solver: Solver): Start {
  return solver === 'cholesky' ? 'random' : 'sketch';
}

/** How many iterations a training is expected to take with the defaults of its solver. */
export function expectedIterations(solver: Solver, start = usualStart(solver)): IterationsByRule {
  const runs = measured[solver][start] ?? measured[solver][usualStart(solver)]!;
  return { lists: rangeOf(runs.lists), loss: rangeOf(runs.loss) };
}

function rangeOf(counts: readonly number[]): ExpectedIterations {
  const sorted = [...counts].sort((a, b) => a - b);
  return { low: sorted[0]!, median: sorted[sorted.length >> 1]!, high: sorted.at(-1)! };
}
