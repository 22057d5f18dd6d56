import { elementView } from '../kernels/element-view.js';
import { addSums, noSums } from '../kernels/error-sums.js';
import { type BlockSums, isEndOfSketch } from '../kernels/kernel.js';
import { layoutOfBlock, layoutsOfSide } from '../kernels/parts/parted-layout.js';
import { opposite, type Side } from '../ratings/ratings.js';
import { entryCount } from '../ratings/sparse-rows.js';
import { balance } from './balance.js';
import type { IterationMetrics, ObservedErrors } from './iteration-metrics.js';
import type { Job } from './job.js';
import { PhaseCheck } from './phase-check.js';
import { isBalancedBy, type PhaseId } from './phases.js';
import { finishSketch } from './sketch.js';
import { atOnce, type Steps } from './steps.js';

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
export class PhaseReducer {
  readonly #job: Job;
  readonly #check: PhaseCheck;
  readonly #grams: Partial<Record<Side, Float64Array>> = {};
  readonly #regularization: Record<Side, number> = { user: 0, item: 0 };

  /** @param history errors of the iterations that a restored job has behind it */
  constructor(job: Job, history: readonly IterationMetrics[] = []) {
    this.#job = job;
    this.#check = new PhaseCheck(job, history.at(-1)?.loss.total);
  }

  /**
   * Closes a phase whose blocks are all done: adds the Gram matrices and sums in block order and
   * leaves the Gram matrix where the next phase reads it. Where `isBalancedBy` says so it then rewrites
   * both sides' factors (`balance`), and the loss is that of the balanced model. The last phase of a
   * sketch ends in starting factors (`finishSketch`).
   *
   * @returns the errors, after the second phase of an iteration
   * Throws `NumericalError` if the phase has left a factor that is not finite, or a higher loss.
   */
  close(phase: PhaseId, blockSums: readonly BlockSums[]): IterationMetrics | undefined {
    return atOnce(this.closing(phase, blockSums));
  }

  /** The same in steps, between which nothing may change the job. */
  *closing(phase: PhaseId, blockSums: readonly BlockSums[]): Steps<IterationMetrics | undefined> {
    const { layout, settings } = this.#job;
    if (phase.kind === 'sketch') return yield* this.#closeSketch(phase);
    const gram = sumBlockGrams(this.#job, phase.side, blockSums.length);
    this.#grams[phase.side] = gram;
    const sums = blockSums.reduce(addSums, noSums);
    this.#check.checkSums(phase, gram, sums);
    this.#regularization[phase.side] = sums.regularization;
    const closesIteration = phase.kind === 'solve' && phase.side === layout.phaseOrder[1];
    if (!closesIteration) return undefined;
    const errors = this.#errors(phase.iteration, sums);
    this.#check.checkLoss(phase, errors, lengthsOf(this.#grams.user!, this.#grams.item!));
    const { phaseOrder } = layout;
    const isBalanced = isBalancedBy({ phaseOrder, balance: settings.schedule.balance }, phase);
    return isBalanced ? yield* this.#balance(errors) : errors;
  }

  *#closeSketch(phase: PhaseId): Steps<undefined> {
    const { layout, settings } = this.#job;
    if (!isEndOfSketch(layout, phase)) return;
    this.#check.checkGram(phase, yield* finishSketch(this.#job), settings.row.rank);
  }

  /** Balances the model, which changes nothing of its errors but what the regularization costs. */
  *#balance(errors: IterationMetrics): Steps<IterationMetrics> {
    const { user, item } = yield* balance(this.#job, errors.iteration, {
      user: this.#grams.user!,
      item: this.#grams.item!,
    });
    const { observed, unobserved } = errors.loss;
    const regularization = user + item;
    const total = observed + unobserved + regularization;
    this.#check.lowerLoss(total);
    return { ...errors, loss: { observed, unobserved, regularization, total } };
  }

  #errors(iteration: number, sums: BlockSums): IterationMetrics {
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
      ...observedErrors(sums, entryCount(ratings.byUser)),
      loss: { observed, unobserved, regularization, total: observed + unobserved + regularization },
    };
    if (heldOut === undefined || entryCount(heldOut.byUser) === 0) return errors;
    return { ...errors, validation: observedErrors(sums.heldOut, entryCount(heldOut.byUser)) };
  }
}

function observedErrors(
  sums: Pick<BlockSums, 'squared' | 'absolute' | 'squaredPreference'>,
  count: number,
): ObservedErrors {
  return {
    rmse: Math.sqrt(sums.squared / count),
    mae: sums.absolute / count,
    preferenceRmse: Math.sqrt(sums.squaredPreference / count),
  };
}

/** Adds the blocks' Gram matrices in float64 and writes the sum to `gram` where the other side is solved. */
function sumBlockGrams({ layout }: Job, side: Side, blockCount: number): Float64Array {
  const square = layout.stride ** 2;
  const sum = new Float64Array(square);
  for (let block = 0; block < blockCount; block++) {
    const part = layoutOfBlock(layout, side, block);
    const gram = elementView(part, part.blockGrams + block * square * part.elementBytes, square);
    for (let i = 0; i < square; i++) sum[i]! += gram[i]!;
  }
  for (const part of layoutsOfSide(layout, opposite(side))) {
    elementView(part, part.gram, square).set(sum);
  }
  return sum;
}

/**
 * (Σ √(aᵢᵢ·bᵢᵢ))² of the Gram matrices of both sides. By Minkowski's inequality that is at least
 * the sum of (Σ|xᵢ|·|yᵢ|)² over all cells.
 */
function lengthsOf(a: Float64Array, b: Float64Array): number {
  const size = Math.sqrt(a.length);
  let sum = 0;
  for (let i = 0; i < size; i++) sum += Math.sqrt(a[i * size + i]! * b[i * size + i]!);
  return sum ** 2;
}

/** trace(A·B) of two symmetric matrices of one size: the sum of their elementwise product. */
function traceOfProduct(a: Float64Array, b: Float64Array): number {
  let trace = 0;
  for (let i = 0; i < a.length; i++) trace += a[i]! * b[i]!;
  return trace;
}
