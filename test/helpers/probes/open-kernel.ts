import type { GpuKernel } from '../../../src/kernels/gpu-solver.js';
import type { BlockSums, BlockTask, Kernel } from '../../../src/kernels/kernel.js';
import { isCpuKernel } from '../../../src/kernels/select/choose-kernel.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import type { IterationMetrics } from '../../../src/training/iteration-metrics.js';
import { createJob, type WholeJob } from '../../../src/training/job.js';
import type { JobOptions } from '../../../src/training/options.js';
import { PhaseReducer } from '../../../src/training/phase-reducer.js';
import { phasesOf, tasksOf } from '../../../src/training/phases.js';
import { settingsAsInPaper } from '../builders/as-in-paper.js';
import type { openJob } from '../builders/jobs.js';

/** A kernel of either kind, bound to a job. */
export interface OpenKernel {
  readonly job: WholeJob;
  /** Runs tasks that are given together; undefined for those that were stopped. */
  run(tasks: readonly BlockTask[]): Promise<(BlockSums | undefined)[]>;
  close(): Promise<void>;
}

/** As `openJob`, for kernels of the processor and of devices. */
export async function openKernel(
  kernel: Kernel | GpuKernel,
  ratings: Ratings,
  options: JobOptions,
  more: Parameters<typeof openJob>[3] = {},
): Promise<OpenKernel> {
  const settings = settingsAsInPaper(options);
  const job = createJob({ kernel, ratings, settings, slots: 1, ...more });
  if (isOfProcessor(kernel)) {
    const solver = kernel.open(job.layout);
    return {
      job,
      run: async (tasks) => tasks.map((task) => solver.run(task, 0)),
      close: async () => {},
    };
  }
  const solver = await kernel.open(job.layout);
  return {
    job,
    run: async (tasks) =>
      (await Promise.all(tasks.map((task) => solver.run(task)))).map((done) => done?.sums),
    close: () => solver.close(),
  };
}

/**
 * As `runInPlace`, with the tasks of a phase given together.
 *
 * @returns one report an iteration, and the sums of the last block
 */
export async function runKernel({
  job,
  run,
}: OpenKernel): Promise<{ reports: IterationMetrics[]; sums: BlockSums }> {
  const reducer = new PhaseReducer(job);
  const reports: IterationMetrics[] = [];
  let last: BlockSums | undefined;
  for (const phase of phasesOf(job)) {
    const sums = (await run(tasksOf(job.layout, phase))).map((sum) => sum!);
    const report = reducer.close(phase, sums);
    if (report) reports.push(report);
    last = sums.at(-1);
  }
  return { reports, sums: last! };
}

function isOfProcessor(kernel: Kernel | GpuKernel): kernel is Kernel {
  return isCpuKernel(kernel.name);
}
