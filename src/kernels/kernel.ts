import type { SharedMemory } from '../arena.js';
import type { RatingsSource } from '../ratings/described-ratings.js';
import type { Side } from '../ratings/ratings.js';

/**
 * How the rows of a phase are solved: by a few steps of conjugate gradient, exactly, or exactly in
 * one subspace of dimensions after the other.
 */
export type Solver = 'cg' | 'cholesky' | 'subspace';

/** What computes on the processor: float64 TypeScript, or one of the two WASM builds. */
export type CpuKernelName = 'reference' | 'wasm-simd128' | 'wasm-relaxed-simd';

/** What computes on a GPU: the fused WGSL kernel, or the one of gpu.js. */
export type GpuKernelName = 'gpu-wgsl' | 'gpu-gpujs';

/** What computes. */
export type KernelName = CpuKernelName | GpuKernelName;

/** Every kernel, by its name. */
export const kernelNames: readonly KernelName[] = Object.freeze([
  'reference',
  'wasm-simd128',
  'wasm-relaxed-simd',
  'gpu-wgsl',
  'gpu-gpujs',
]);

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

/**
 * The same arithmetic on a GPU with memory of its own, one for this process. A job's memory is laid
 * out as for the WASM kernels and always holds the last generation that was solved, so that one of
 * them can go on from there when the GPU fails.
 */
export interface GpuKernel extends KernelTraits {
  readonly name: GpuKernelName;
  /** Uploads the job. Rejects with `DeviceError` if it does not fit, or the GPU fails. */
  open(job: JobLayout): Promise<GpuSolver>;
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

/** A GPU kernel bound to the memory of one job. */
export interface GpuSolver {
  /**
   * As `BlockSolver.run`. Tasks of a phase that are given in one turn of the event loop go to the
   * GPU together, and what they read is uploaded only if the GPU has not solved it itself. Not for
   * tasks of kind `sketch`. When
   * it resolves, the block's rows and their Gram matrix are in the job's memory.
   *
   * Rejects with `DeviceError` if the GPU is lost, out of memory or silent. It does so from then
   * on, and never writes to the job's memory again.
   */
  run(task: BlockTask): Promise<GpuSums | undefined>;
  /**
   * To be called before the next task when rows of a block were written to the job's memory by anybody
   * else, even of a generation that the GPU has seen or has solved: they are uploaded again.
   */
  forget(side: Side, block: number): void;
  /**
   * Frees the GPU's memory, once the batch that is under way is done. What is not done rejects;
   * nothing is written to the job's memory from the call on.
   */
  close(): Promise<void>;
}

/** What a block's task on a GPU reports. */
export interface GpuSums {
  readonly sums: BlockSums;
  /** Its share, by work, of the time of the tasks that it went with. */
  readonly seconds: number;
  readonly traffic: GpuTraffic;
}

/** Bytes between the job's memory and the GPU. Of tasks that go together, the first reports them. */
export interface GpuTraffic {
  readonly uploadedBytes: number;
  readonly readBackBytes: number;
}

/**
 * One block's share of a phase. Two tasks with equal fields do the same, bit for bit.
 * `gram` only sums the block's Gram matrix of generation `iteration`, for the start of a run, to the
 * bits that the `solve` of that generation left.
 *
 * `sketch` prepares a start from the ratings (`sketch.ts`). It writes generation `iteration` of every
 * row of the block, and no Gram matrix: the mean of its neighbours, weighted as `solve` weighs their
 * targets, and in the last phase of the sketch, whose iteration is 0, more of it for heavier rows:
 *
 *     x = Σ c·t·y / m   m = Σ c·|t|, in the last phase √(Σ c·|t|)
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

/**
 * What one observed cell with rating r weighs and aims at, and what u weighs: cells without a rating
 * only, or (`ials`) all cells, those with one in addition to c.
 *
 *     c = 1 + alpha·r   t = p = (r > 0 ? 1 : 0)   e = c − u   implicit (Hu, Koren, Volinsky 2008)
 *     c = 1 + alpha·r   t = p                     e = c       implicit, `ials` (Rendle et al. 2022)
 *     c = 1             t = r − offset            e = c       explicit: alpha and u are 0
 */
export interface Weighting {
  readonly feedback: 'implicit' | 'explicit';
  readonly alpha: number;
  /** u, the weight of every unobserved cell (with `ials` of every cell), whose target is 0. */
  readonly unobservedWeight: number;
  readonly objective: Objective;
  /** μ, what every prediction is above x·y; 0 unless explicit. */
  readonly offset: number;
}

/** Which cells the unobserved weight weighs with implicit feedback; see `Weighting`. */
export type Objective = 'confidence' | 'ials';

/** What a job computes, and how its rows lie in memory; nothing of where. */
export interface JobSettings {
  readonly kernel: KernelName;
  /** The kernel's: bytes of one element of factors, regularizers and Gram matrices. */
  readonly elementBytes: 4 | 8;
  /** Coordinates of a row: the latent dimensions, and two more if rows have biases. */
  readonly rank: number;
  /** Elements from one factor row to the next: `rank` rounded up to the kernel's lanes. */
  readonly stride: number;
  readonly solver: Solver;
  readonly cgSteps: number;
  /** Whether rows go beyond where the steps of `cg` lead; see `stepLength`. */
  readonly overrelaxed: boolean;
  /** Dimensions that `subspace` solves together, a multiple of 8. */
  readonly subspaceSize: number;
  readonly weighting: Weighting;
  /** Whether no element may be negative; with `cholesky` only. */
  readonly nonnegative: boolean;
  /** The two sides in the order of their phases; the last one sums the errors. */
  readonly phaseOrder: readonly [Side, Side];
  /**
   * Set where the ratings are not in the job's memory, only how many each row has: a place that runs
   * tasks reads them from here into memory of its own. `SparseLayout.columns` and `ratings` are 0 then.
   */
  readonly source?: RatingsSource | undefined;
}

/**
 * Where everything of a job lies in shared memory. Plain data: it crosses threads by reference to
 * `memory`. Offsets are bytes. An element is a float of `elementBytes`. See `layOutJob`.
 */
export interface JobLayout extends JobSettings, JobRegions {
  readonly id: string;
  readonly memory: SharedMemory;
  readonly user: SideLayout;
  readonly item: SideLayout;
  /** Which GPU, for a kernel of a GPU. */
  readonly gpu?: GpuOptions;
  /** Private memory of `slots` tasks at a time. */
  readonly scratch: { readonly offset: number; readonly slotBytes: number; readonly slots: number };
}

/** A job of which no more than the ratings lies in memory yet, of these at least the rows' lengths. */
export interface RatedJob extends JobSettings {
  readonly memory: SharedMemory;
  readonly user: RatedSide;
  readonly item: RatedSide;
}

/** Regions of memory that a job has beside its ratings and scratch memory: their offsets, or sizes. */
export interface JobRegions {
  readonly user: SideRegions;
  readonly item: SideRegions;
  /** Gram matrix of the fixed side, stride × stride elements; the supervisor's between phases. */
  readonly gram: number;
  /** One Gram matrix for every block of the side being solved, stride × stride elements each. */
  readonly blockGrams: number;
  /** One Int32; not 0 means stop as soon as possible. */
  readonly stopFlag: number;
}

export interface SideRegions {
  /** λ·n^ν of every row, rowCount elements. */
  readonly regularizers: number;
  /** rowCount × stride elements; generation g is at `factors[g & 1]`. */
  readonly factors: readonly [number, number];
}

/** One side of a job: its ratings (its rows against the other side's) and its factors. */
export interface SideLayout extends RatedSide, SideRegions {}

export interface RatedSide extends SideRatings {
  readonly rowCount: number;
  /**
   * Set where the rows are copies of those that the other side's ratings need, in ascending order: how
   * many rows the side has in all. It has no ratings and no blocks here, and one generation.
   */
  readonly copiedFrom?: number;
  /** Coordinate that is 1 in every row and not solved for, if any; none with `nonnegative`. */
  readonly pinned?: number;
  /** Boundaries of the blocks, block b is rows blockStarts[b] … blockStarts[b + 1] − 1. */
  readonly blockStarts: readonly number[];
}

/** Where the ratings of a side lie. */
export interface SideRatings {
  readonly ratings: SparseLayout;
  /** Withheld ratings to validate against. */
  readonly heldOut?: SparseLayout;
}

/** Byte offsets of the three arrays of `SparseRows`. */
export interface SparseLayout {
  readonly offsets: number;
  readonly columns: number;
  readonly ratings: number;
}

/** Which GPU computes, and how. */
export interface GpuOptions {
  /**
   * Whether a driver that computes on the processor will do, to test with: it is slower than
   * `kernel: 'wasm'`. Default false.
   */
  readonly software?: boolean;
  /**
   * `wgsl` solves a row with all its steps in one shader. `gpu.js` is a chain of small kernels, some
   * ten times slower, to compare with. Default wgsl.
   */
  readonly program?: 'wgsl' | 'gpu.js';
  /**
   * Seconds without an answer after which the GPU is given up and WASM goes on, > 0. Default 30 for
   * opening the GPU, 120 for what it computes.
   */
  readonly deadline?: number;
}

/** Rows go no further beyond where `cg` leads than this share of the way. */
const maxOverrelaxation = 0.6;

/**
 * How far a row goes on its way from its last value to where `cg` leads: all of it, and with
 * `overrelaxed` min(0.6, (i − 2)/(i + 2)) more from iteration i = 3 on (successive over-relaxation; Young 1954).
 * Where `cg` leads is the lowest point of the way, and up to twice its length no point of it is above
 * the start, so the loss does not rise.
 */
export function stepLength(
  { overrelaxed }: Pick<JobSettings, 'overrelaxed'>,
  iteration: number,
): number {
  return overrelaxed
    ? 1 + Math.min(maxOverrelaxation, Math.max(0, iteration - 2) / (iteration + 2))
    : 1;
}

/** What of an observed cell's confidence the Gram matrix has already: c − e of `Weighting`. */
export function unobservedShare({ objective, unobservedWeight }: Weighting): number {
  return objective === 'ials' ? 0 : unobservedWeight;
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
