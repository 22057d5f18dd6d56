import { addSums, noSums } from '../kernels/error-sums.js';
import { elementView } from '../kernels/job-views.js';
import type { BlockSums } from '../kernels/kernel.js';
import type { Side } from '../ratings/ratings.js';
import { entryCount } from '../ratings/sparse-rows.js';
import type { Job } from './job.js';
import type { PhaseId } from './phases.js';

/** Errors over observed cells. */
export interface RatingErrors {
  /** Root mean squared error of the prediction against the raw rating. */
  readonly rmse: number;
  /** Mean absolute error of the prediction against the raw rating. */
  readonly mae: number;
  /** Root mean squared error of the prediction against the preference, 1 for a rating above 0. */
  readonly preferenceRmse: number;
}

/** The objective over every cell, in parts that add up to `total`. */
export interface Loss {
  readonly observed: number;
  readonly unobserved: number;
  readonly regularization: number;
  readonly total: number;
}

/** What one iteration reached. */
export interface IterationErrors extends RatingErrors {
  readonly iteration: number;
  readonly loss: Loss;
  /** Errors on withheld ratings, when there are any. */
  readonly validation?: RatingErrors;
}

/**
 * Keeps the sums of a job between its phases.
 *
 * The loss over all cells needs no dense pass: the sum of all squared predictions is
 * trace(XᵀX·YᵀY), so with u the weight of unobserved cells and d the predictions
 *
 *     loss = Σobserved c·(t − d)²  +  u·(trace(XᵀX·YᵀY) − Σobserved d²)  +  Σ λ·n^ν·|row|²
 *
 * With `ials` u weighs observed cells as well, so nothing is taken from the trace.
 */
export class Accounts {
  readonly #job: Job;
  readonly #grams: Partial<Record<Side, Float64Array>> = {};
  readonly #regularization: Record<Side, number> = { user: 0, item: 0 };

  constructor(job: Job) {
    this.#job = job;
  }

  /**
   * Closes a phase whose blocks are all done: adds the Gram matrices and sums in block order and
   * leaves the Gram matrix where the next phase reads it.
   *
   * @returns the errors, after the second phase of an iteration
   */
  close(phase: PhaseId, blockSums: readonly BlockSums[]): IterationErrors | undefined {
    const { layout } = this.#job;
    this.#grams[phase.side] = sumBlockGrams(this.#job, blockSums.length);
    const sums = blockSums.reduce(addSums, noSums);
    this.#regularization[phase.side] = sums.regularization;
    const closesIteration = phase.kind === 'solve' && phase.side === layout.phaseOrder[1];
    return closesIteration ? this.#errors(phase.iteration, sums) : undefined;
  }

  #errors(iteration: number, sums: BlockSums): IterationErrors {
    const { layout, ratings, heldOut } = this.#job;
    const { unobservedWeight, objective } = layout.weighting;
    const everySquare = traceOfProduct(this.#grams.user!, this.#grams.item!);
    const observed = sums.loss;
    const observedSquares = objective === 'ials' ? 0 : sums.squaredPrediction;
    const unobserved =
      unobservedWeight > 0 ? unobservedWeight * (everySquare - observedSquares) : 0;
    const regularization = this.#regularization.user + this.#regularization.item;
    const errors = {
      iteration,
      ...ratingErrors(sums, entryCount(ratings.byUser)),
      loss: { observed, unobserved, regularization, total: observed + unobserved + regularization },
    };
    if (heldOut === undefined || entryCount(heldOut.byUser) === 0) return errors;
    return { ...errors, validation: ratingErrors(sums.heldOut, entryCount(heldOut.byUser)) };
  }
}

function ratingErrors(
  sums: Pick<BlockSums, 'squared' | 'absolute' | 'squaredPreference'>,
  count: number,
): RatingErrors {
  return {
    rmse: Math.sqrt(sums.squared / count),
    mae: sums.absolute / count,
    preferenceRmse: Math.sqrt(sums.squaredPreference / count),
  };
}

/** Adds the blocks' Gram matrices in float64 and writes the sum to the job's `gram`. */
function sumBlockGrams({ layout, elementBytes }: Job, blockCount: number): Float64Array {
  const { memory, stride } = layout;
  const square = stride * stride;
  const blocks = elementView(memory, elementBytes, layout.blockGrams, blockCount * square);
  const sum = new Float64Array(square);
  for (let block = 0; block < blockCount; block++) {
    const from = block * square;
    for (let i = 0; i < square; i++) sum[i]! += blocks[from + i]!;
  }
  elementView(memory, elementBytes, layout.gram, square).set(sum);
  return sum;
}

/** trace(A·B) of two symmetric matrices of one size: the sum of their elementwise product. */
function traceOfProduct(a: Float64Array, b: Float64Array): number {
  let trace = 0;
  for (let i = 0; i < a.length; i++) trace += a[i]! * b[i]!;
  return trace;
}
