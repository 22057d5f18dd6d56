import type { Side } from '../ratings/ratings.js';
import type { JobLayout, RatedJob } from './job-layout.js';
import type { CpuKernelName, KernelName } from './kernel-names.js';

/**
 * The arithmetic of one phase. Implementations differ in speed and precision, never in meaning.
 *
 * For every row x of the solved side, with the fixed side's rows y and the row's ratings r:
 *
 *     A = u·gram + Σ e·y·yᵀ + regularizers[row]·I
 *     b = Σ c·t·y
 *
 * and x = A⁻¹b (`cholesky`), or `cgSteps` steps towards it from the row's last value by conjugate
 * gradient with the preconditioner (u + Σ e / N)·diag(gram) + regularizers[row]·I, N the number of fixed
 * rows (`cg`), or from the last value one sweep over the dimensions S = 0 … d − 1, then d … 2d − 1 and so on, d = `subspaceSize`
 * (`subspace`; iALS++, Rendle, Krichene, Zhang, Koren 2021):
 *
 *     x_S ← x_S − A_SS⁻¹·(A·x − b)_S
 *
 * `Weighting` gives u, e, confidence c and target t. A side may have a pinned coordinate p: x_p is 1
 * in every row and is not solved for. The others are, with b − A_p in the place of b:
 * that is how one product of rows holds biases, x·y = x'·y' + b_u + b_i. A row without ratings
 * becomes zero but for x_p.
 *
 * With `nonnegative` (and `cholesky`) x is the best row without a negative element: it minimises
 * xᵀAx/2 − bᵀx over x ≥ 0.
 */
export interface Kernel extends KernelTraits {
  readonly name: CpuKernelName;
  /** Binds the kernel to a job's memory in this thread. Cheap enough to do once per thread. */
  open(job: JobLayout): BlockSolver;
}

/** What a job's memory is laid out by. */
export interface KernelTraits {
  readonly name: KernelName;
  /** Bytes of one element of factors and Gram matrices: 4 (float32) or 8 (float64). */
  readonly elementBytes: 4 | 8;
  /** Elements a row is padded to a multiple of; padding is zero. */
  readonly lanes: number;
  /** Private memory a running task needs. */
  scratchBytes(job: RatedJob): number;
}

/** A kernel bound to the memory of one job, in one thread. */
export interface BlockSolver {
  /**
   * Runs one task to its end: solves the rows of a block and sums what the supervisor needs.
   * Writes generation `task.iteration` of the block's rows and the Gram matrix of those rows;
   * reads nothing that it writes, so it can be repeated.
   *
   * @param slot which scratch region to use; no two running tasks of a job share one
   * @returns undefined if the job's stop flag was raised before the block was done
   * Throws `SingularSystemError` if `cholesky` or `subspace` meets a matrix that is not positive
   * definite.
   */
  run(task: BlockTask, slot: number): BlockSums | undefined;
}

/**
 * One block's share of a phase. Two tasks with equal fields do the same, bit for bit.
 * `gram` only sums the block's Gram matrix of generation `iteration`, for the start of a run, to the
 * bits that the `solve` of that generation left.
 *
 * `sketch` prepares a start from the ratings (`sketch.ts`). It writes generation `iteration` of every
 * row of the block, and no Gram matrix: Σ c·t·y of its neighbours over all that N fixed rows weigh,
 *
 *     x = Σ c·t·y / m   m = α₀·N + Σ c·|t|
 *
 * A row with m = 0 becomes zero. Pinned coordinates mean nothing yet. No GPU does this.
 */
export interface BlockTask {
  readonly kind: 'sketch' | 'gram' | 'solve';
  /**
   * `solve`: 1 or more; reads the solved side's generation `iteration − 1` and writes `iteration`.
   * `sketch`: −1 or 0.
   */
  readonly iteration: number;
  readonly side: Side;
  readonly block: number;
}

/** Sums over the observed cells of a block, in float64. All zero for `gram`. */
export interface BlockSums extends ErrorSums {
  /** Σ regularizers[row]·|x|², without pinned coordinates. */
  readonly regularization: number;
  /** Sums over the withheld ratings of the block's rows, when the job has any. */
  readonly heldOut: ErrorSums;
}

/** Sums over cells with rating r, preference p and prediction d = x·y + offset. */
export interface ErrorSums {
  /** Σ (r − d)². */
  readonly squared: number;
  /** Σ |r − d|. */
  readonly absolute: number;
  /** Σ (p − d)². */
  readonly squaredPreference: number;
  /** Σ c·(p − d)² if implicit, Σ (r − d)² if explicit: the observed part of the loss. */
  readonly loss: number;
  /** Σ d². */
  readonly squaredPrediction: number;
}

/** Which generation of the fixed side a `solve` or `sketch` task reads. */
export function fixedGeneration(job: Pick<JobLayout, 'phaseOrder'>, task: BlockTask): number {
  return task.side === job.phaseOrder[0] ? task.iteration - 1 : task.iteration;
}

/** Whether a `sketch` task belongs to the last phase of the sketch. */
export function isEndOfSketch(
  { phaseOrder }: Pick<JobLayout, 'phaseOrder'>,
  { kind, iteration, side }: Omit<BlockTask, 'block'>,
): boolean {
  return kind === 'sketch' && iteration === 0 && side === phaseOrder[1];
}
