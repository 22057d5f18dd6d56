import type { SharedMemory } from '../arena.js';
import type { RatingsSource } from '../ratings/described-ratings.js';
import type { Side } from '../ratings/ratings.js';
import type { RowFile } from '../row-file.js';
import type { KernelName, Solver } from './kernel-names.js';

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
  /** After how many iterations rows go beyond where the steps of `cg` lead, if ever; see `stepLength`. */
  readonly overrelaxedAfter?: number | undefined;
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
  /**
   * Set where tasks run in other memories, and the factor rows lie in a file here: `factors` are offsets
   * in it. No task can run in such a job's memory.
   */
  readonly rowFile?: RowFile;
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
export interface SideLayout extends RatedSide, SideRegions {
  /** Set for a kernel of a GPU where the rows are a part's: which of how many the side has in all. */
  readonly within?: { readonly firstRow: number; readonly rowCount: number };
}

export interface RatedSide extends SideRatings {
  readonly rowCount: number;
  /**
   * Set where the rows are copies of those that the other side's ratings need, in ascending order: how
   * many rows the side has in all. It has no ratings here and one generation, and is one block that no
   * task solves.
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
  readonly software?: boolean | undefined;
  /**
   * `wgsl` solves a row with all its steps in one shader. `gpu.js` is a chain of small kernels, some
   * ten times slower, to compare with. Default wgsl.
   */
  readonly program?: 'wgsl' | 'gpu.js' | undefined;
  /**
   * Seconds without an answer after which the GPU is given up and WASM goes on, > 0. Default 30 for
   * opening the GPU, 120 for what it computes.
   */
  readonly deadline?: number | undefined;
}

/** Rows go no further beyond where `cg` leads than this share of the way. */
const maxOverrelaxation = 0.6;

/**
 * How far a row goes on its way from its last value to where `cg` leads: all of it, and with
 * m as `overrelaxedAfter` min(0.6, (i − m)/(i + 2)) more in iteration i > m (successive over-relaxation;
 * Young 1954).
 * Where `cg` leads is the lowest point of the way, and up to twice its length no point of it is above
 * the start, so the loss does not rise.
 */
export function stepLength(
  { overrelaxedAfter = Number.POSITIVE_INFINITY }: Pick<JobSettings, 'overrelaxedAfter'>,
  iteration: number,
): number {
  if (iteration <= overrelaxedAfter) return 1;
  return 1 + Math.min(maxOverrelaxation, (iteration - overrelaxedAfter) / (iteration + 2));
}

/** What of an observed cell's confidence the Gram matrix has already: c − e of `Weighting`. */
export function unobservedShare({ objective, unobservedWeight }: Weighting): number {
  return objective === 'ials' ? 0 : unobservedWeight;
}
