import type { Side } from '../../ratings/ratings.js';
import type { JobLayout } from '../job-layout.js';
import type { BlockSums, BlockTask } from '../kernel.js';
import type { GpuKernelName } from '../kernel-names.js';

/**
 * How a phase is computed on a GPU: shaders, and buffers for what they read and write. What goes
 * to the GPU, and when, is decided for all programs alike; see `gpu-kernel.ts`.
 */
export interface GpuProgram {
  readonly name: GpuKernelName;
  /** What runs it, for people: `NVIDIA H200`. */
  readonly deviceName: string;
  /** `Gpu.lost` of its GPU, if it has one that can be lost. */
  readonly lost?: Promise<string>;
  /** `Gpu.giveUp` of its GPU, if it has one. */
  readonly giveUp?: (reason: string) => void;
  /**
   * Why the GPU does not take a job of this shape, with the numbers; undefined if it does. Asked
   * before the job is there: `found …; expected …`.
   */
  refusal(shape: ProgramShape): string | undefined;
  /**
   * Allocates what the job needs on the GPU and compiles for it. What does not depend on the
   * ratings' values (offsets, regularizers) may be uploaded here. Rejects with `DeviceError`, and
   * leaves nothing behind then.
   */
  open(job: JobLayout): Promise<ProgramJob>;
}

/** How large a job is. */
export interface ProgramShape {
  readonly users: number;
  readonly items: number;
  readonly ratings: number;
  /** Withheld ratings to validate against; 0 without. */
  readonly heldOut: number;
  /** Coordinates of a row, biases included; see `JobLayout`. */
  readonly rank: number;
  readonly stride: number;
  /** Most ratings of a row of either side. */
  readonly longestRow: number;
}

/** Consecutive blocks of a phase that are solved together. */
export interface Batch extends Omit<BlockTask, 'block'> {
  readonly firstBlock: number;
  /** Exclusive. */
  readonly endBlock: number;
}

/** What a batch reports. */
export interface BatchResult {
  /** In block order; all zero for `gram`. */
  readonly sums: readonly BlockSums[];
  readonly readBackBytes: number;
}

/** The caller that waits for a batch. */
export interface BatchWatch {
  /** Raised when nothing waits any more. From then on nothing may be written to the job's memory. */
  readonly signal: AbortSignal;
  /** To be called whenever a part of the batch is done: the deadline counts from the last call. */
  readonly progress: () => void;
}

/**
 * A job on a GPU. The `upload…` calls copy from the job's memory as it is now, in order with
 * what is solved, and return the bytes copied; ranges are of blocks, the end exclusive. They come
 * before a `solve` that reads what they copied, and never while one is under way.
 *
 * Of a block's rows the GPU need only keep one generation, the last that was uploaded or solved.
 */
export interface ProgramJob {
  /** Bytes that opening uploaded. */
  readonly uploadedBytes: number;
  /** Ratings of blocks of a side, and the withheld ones if it is the side that sums errors. Once. */
  uploadRatings(side: Side, firstBlock: number, endBlock: number): number;
  /** Factor rows of blocks: generation g lies at `job[side].factors[g & 1]`. */
  uploadRows(side: Side, generation: number, firstBlock: number, endBlock: number): number;
  /** The fixed side's Gram matrix, from `job.gram`; before the first batch of every `solve` phase. */
  uploadGram(): number;
  /**
   * What `BlockSolver.run` does for each of the blocks, by the formula in kernel.ts. Leaves rows (for
   * `solve`) and block Gram matrices in the job's memory before it resolves. The result must not
   * depend on which blocks go together. One at a time.
   *
   * Rejects with `DeviceError` or whatever the GPU throws; the batch then is done elsewhere, from
   * the generation before, which it must not have touched in the job's memory.
   */
  solve(batch: Batch, watch: BatchWatch): Promise<BatchResult>;
  /** Frees the GPU's memory. No batch is under way. */
  close(): void;
}
