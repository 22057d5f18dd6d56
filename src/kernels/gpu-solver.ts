import type { Side } from '../ratings/ratings.js';
import type { JobLayout } from './job-layout.js';
import type { BlockSums, BlockTask, KernelTraits } from './kernel.js';
import type { GpuKernelName } from './kernel-names.js';

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
   * To be called before the next task when rows of a block were written to the job's memory by other
   * code, even of a generation that the GPU has seen or has solved: they are uploaded again.
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
