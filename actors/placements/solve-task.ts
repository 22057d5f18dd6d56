import { KernelUnavailableError, StoppedError } from '../../src/errors.js';
import type { JobLayout } from '../../src/kernels/job-layout.js';
import type { BlockSolver, BlockTask } from '../../src/kernels/kernel.js';
import { isParted, type PartedLayout } from '../../src/kernels/parts/parted-layout.js';
import { openParted } from '../../src/kernels/parts/parted-solver.js';
import { isCpuKernel, kernelNamed } from '../../src/kernels/select/choose-kernel.js';
import type { Ranker, RankingTask } from '../../src/kernels/wasm/ranking.js';
import type { BlockResult } from './block-result.js';

/** Opens the job's kernel in this thread. Throws `KernelUnavailableError` for a kernel of a GPU. */
export function openSolver(job: JobLayout | PartedLayout): BlockSolver {
  if (isParted(job)) return openParted(job, openSolver);
  if (isCpuKernel(job.kernel)) return kernelNamed(job.kernel).open(job);
  throw new KernelUnavailableError(
    `found kernel ${job.kernel} in a thread that solves; expected one of the processor; ` +
      "try kernel: 'auto'",
  );
}

/** Runs one task in this thread, timed. Throws `StoppedError` if the job's stop flag is set. */
export function solveTask(
  solver: BlockSolver,
  task: BlockTask,
  slot: number,
): Omit<BlockResult, 'ranOn'> {
  const start = performance.now();
  const sums = solver.run(task, slot);
  if (sums === undefined) throw new StoppedError();
  return { sums, seconds: (performance.now() - start) / 1000 };
}

/** Runs one ranking task in this thread. Throws `StoppedError` if the job's stop flag is set. */
export function rankTask(ranker: Ranker, task: RankingTask, slot: number): void {
  if (!ranker.run(task, slot)) throw new StoppedError();
}
