import type { GpuKernel } from '../../../../src/kernels/gpu-solver.js';
import type { Kernel } from '../../../../src/kernels/kernel.js';
import type { Solver } from '../../../../src/kernels/kernel-names.js';
import type { Ratings } from '../../../../src/ratings/ratings.js';
import type { JobOptions } from '../../../../src/training/options.js';
import { factorsOf } from '../../builders/jobs.js';
import { openKernel, runKernel } from '../../probes/open-kernel.js';

/** A kernel under test, and how far it may be from the reference. */
export interface TestedKernel {
  readonly kernel: Kernel | GpuKernel;
  /** Of factors, relative in the Frobenius norm. */
  readonly tolerance: number;
  readonly solvers: readonly Solver[];
  readonly takesRank: (rank: number) => boolean;
  /** Titles of different kernels in one file must differ. */
  readonly title: (provided?: string) => string;
}

/** A problem that takes no time. */
export const small = { users: 37, items: 23, density: 0.2 };

/** Trains to the end in this thread: factors of the last generation, and what was reported. */
export async function train(
  kernel: Kernel | GpuKernel,
  ratings: Ratings,
  options: JobOptions,
  more: Parameters<typeof openKernel>[3] = {},
) {
  const opened = await openKernel(kernel, ratings, options, more);
  const { job } = opened;
  const { reports, sums } = await runKernel(opened);
  await opened.close();
  const { iterations } = job.settings.schedule;
  const users = factorsOf(job, 'user', iterations);
  const items = factorsOf(job, 'item', iterations);
  return { job, reports, users, items, sums };
}

/** `actual` is `expected` but for `tolerance` of it, or of 1 if that is more. */
export function near(
  t: { true(actual: boolean, message: string): unknown },
  actual: number,
  expected: number,
  tolerance: number,
  what: string,
): void {
  const within = Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));
  t.true(within, `${what}: ${actual} instead of ${expected}`);
}
