import { NumericalError } from '../errors.js';
import type { BlockSums } from '../kernels/kernel.js';
import { isDescribed } from '../ratings/described-ratings.js';
import { entryCount } from '../ratings/sparse-rows.js';
import type { IterationMetrics, Loss } from './iteration-metrics.js';
import type { Job } from './job.js';
import { extremesOf, likelyCauses } from './likely-causes.js';
import type { PhaseId } from './phases.js';

/**
 * Additions of one chain in float32 before float64 takes the sum: 128 rows of a Gram matrix, 256 errors in
 * four lanes, a few steps of predictions; twice their sum. A dot product adds `rank`.
 */
const chainLength = 512;

/** Share of the loss without a model that rounding may take; models that fit come nowhere near. */
const drownedShare = 0.1;

/** By how many ε a solved row of an ill-conditioned system may miss a rating that it fits. */
const solvedErrors = 16;

/**
 * Detects that the arithmetic of a job has broken down, by sums that a phase makes anyway: a factor that is
 * not finite makes the diagonal of its side's Gram matrix so, a prediction the errors.
 *
 * No solver raises the loss in exact arithmetic: exact ones and those by subspaces minimise it over what
 * they move, conjugate gradient lowers it from the last value in every step. So a loss that is above the
 * one before by more than rounding is broken arithmetic. It is known after the second phase of an
 * iteration, and compared there for both.
 */
export class PhaseCheck {
  readonly #job: Job;
  readonly #nullLoss: number;
  /** Σ c·t² or that of raw ratings: models near it are hardly better than none. */
  readonly #largestLoss: number;
  /** The relative error of a sum, at most. */
  readonly #error: number;
  /** Σ c over observed cells. */
  readonly #totalWeight: number;
  #before: number | undefined;

  /** @param before loss of the last iteration that a restored job has behind it */
  constructor(job: Job, before: number | undefined) {
    this.#job = job;
    const { offset } = job.layout.weighting;
    this.#nullLoss = nullLossOf(job, offset);
    this.#largestLoss =
      offset === 0 ? this.#nullLoss : Math.max(this.#nullLoss, nullLossOf(job, 0));
    const { feedback } = job.layout.weighting;
    this.#totalWeight = feedback === 'implicit' ? this.#nullLoss : entryCount(job.ratings.byUser);
    // The reference sums without tiles.
    const { layout, ratings } = job;
    const { elementBytes } = layout;
    const chain = chainLength + layout.rank + (elementBytes === 8 ? entryCount(ratings.byUser) : 0);
    this.#error = chain * (elementBytes === 8 ? 2 ** -53 : 2 ** -24);
    this.#before = before;
  }

  /** Throws `NumericalError` if a factor or a sum of the phase is not finite. */
  checkSums(phase: PhaseId, gram: Float64Array, sums: BlockSums): void {
    this.checkGram(phase, gram, this.#job.layout.stride);
    const { squared, absolute, loss, squaredPrediction, regularization } = sums;
    if (![squared, absolute, loss, squaredPrediction, regularization].every(Number.isFinite)) {
      this.#fail(phase, 'errors that are not finite');
    }
  }

  /** Throws `NumericalError` if a factor is not finite, by the Gram matrix, row-major size × size. */
  checkGram(phase: PhaseId, gram: Float64Array, size: number): void {
    for (let i = 0; i < size; i++) {
      if (!Number.isFinite(gram[i * size + i]!)) this.#fail(phase, 'factors that are not finite');
    }
  }

  /**
   * Throws `NumericalError` if the loss of an iteration is not finite, above the one before, or a difference
   * of sums so large that nothing can be said of it.
   *
   * @param everySquare at least Σ δ² over all cells, δ = Σ|xᵢ|·|yᵢ|: the scale of a prediction's rounding error
   */
  checkLoss(phase: PhaseId, { loss }: Pick<IterationMetrics, 'loss'>, everySquare: number): void {
    if (!Number.isFinite(loss.total)) this.#fail(phase, 'a loss that is not finite');
    const isDrowned =
      this.#roundingOf(everySquare) > drownedShare * this.#nullLoss ||
      (loss.observed > drownedShare * this.#largestLoss && this.#hides(loss.observed, everySquare));
    if (isDrowned) {
      this.#fail(phase, 'factors so large that the loss drowns in rounding');
    }
    const before = this.#before;
    this.#before = loss.total;
    if (before === undefined || loss.total <= this.#maxLossAfter(before, loss, everySquare)) return;
    this.#fail(phase, `a loss that rose from ${short(before)} to ${short(loss.total)}`);
  }

  /** The model was rewritten at a loss of `total`, which the next one must not exceed. */
  lowerLoss(total: number): void {
    this.#before = total;
  }

  /**
   * The largest loss that may follow: the one before, and what rounding adds. With ε the relative error of
   * a sum, a prediction d of an observed cell is off by ε·δ, δ = Σ|xᵢ|·|yᵢ|, so c·(t − d)² is off by
   * 2ε·c·|t − d|·δ + ε²·c·δ². Cauchy and Schwarz sum that to 2ε·√(loss·Σc·δ²) + ε²·Σc·δ². For Σc·δ²
   * stand Σc·t², the loss without a model, and the cells' mean weight times their share of `everySquare`.
   * Models that fit every rating are as exact as their rows are solved: the last term is larger for them.
   *
   * A solver that may overshoot says here by how much.
   */
  #maxLossAfter(before: number, loss: Loss, everySquare: number): number {
    const fitted = this.#nullLoss + this.#observedSquare(everySquare);
    const error = this.#error;
    // A loss of nothing may come out below 0.
    const size = Math.max(before, loss.observed, 0);
    const least = (solvedErrors * error) ** 2 * fitted;
    const observed = error * (size + 2 * Math.sqrt(size * fitted)) + least;
    return before + observed + this.#roundingOf(everySquare);
  }

  /** Whether rounding of predictions alone may make a good part of the observed loss. */
  #hides(observed: number, everySquare: number): boolean {
    return this.#error ** 2 * this.#observedSquare(everySquare) > drownedShare * observed;
  }

  /** Σ c·δ² over observed cells, about. */
  #observedSquare(everySquare: number): number {
    const { byUser } = this.#job.ratings;
    return (this.#totalWeight / (byUser.rowCount * byUser.columnCount)) * everySquare;
  }

  /** What rounding may make of the unobserved part. */
  #roundingOf(everySquare: number): number {
    return this.#error * this.#job.layout.weighting.unobservedWeight * everySquare;
  }

  #fail({ iteration, side }: PhaseId, found: string): never {
    const causes = likelyCauses(extremesOf(this.#job));
    throw new NumericalError(side, found, { iteration, causes });
  }
}

/** Σ c·t² over observed cells, the loss of factors that are 0; at most that for described ratings. */
function nullLossOf({ layout: { weighting }, ratings }: Job, offset: number): number {
  const { feedback, alpha } = weighting;
  const count = entryCount(ratings.byUser);
  if (isDescribed(ratings)) {
    const { mean, largest } = ratings.described;
    return count * (feedback === 'implicit' ? 1 + alpha * mean : (largest + Math.abs(offset)) ** 2);
  }
  const { ratings: all } = ratings.byUser;
  const isImplicit = feedback === 'implicit';
  let sum = 0;
  for (let at = 0; at < all.length; at++) {
    const rating = all[at]!;
    sum += isImplicit ? 1 + alpha * rating : (rating - offset) ** 2;
  }
  return sum;
}

function short(value: number): string {
  return `${Number(value.toPrecision(4))}`;
}
