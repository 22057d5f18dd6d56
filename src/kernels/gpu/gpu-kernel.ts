import { withDeadline } from '../../deadline.js';
import { TaskQueue } from '../../task-queue.js';
import type { GpuKernel } from '../gpu-solver.js';
import { traitsOf } from '../select/choose-kernel.js';
import { asDeviceError, silenceError } from './gpu-faults.js';
import { GpuJob } from './gpu-job.js';
import type { GpuProgram } from './gpu-program.js';

/** Settings of a GPU kernel. */
export interface GpuKernelOptions {
  /** Seconds without an answer after which the GPU is given up. Default 120. */
  readonly deadline?: number | undefined;
}

/** The kernel that a program makes. Its jobs' batches go to the GPU one after the other. */
export function gpuKernel(
  program: GpuProgram,
  { deadline = 120 }: GpuKernelOptions = {},
): GpuKernel {
  const turns = new TaskQueue<void>({ workers: 1 });
  return {
    ...traitsOf(program.name),
    name: program.name,
    async open(job) {
      const silent = () => silenceError(program, deadline);
      const opening = program.open(job);
      try {
        const onGpu = await withDeadline(opening, deadline * 1000, silent);
        return new GpuJob(program, job, onGpu, { deadline, turns });
      } catch (error) {
        // If it opens after all, nothing waits for it any more.
        opening.then((late) => late.close()).catch(() => {});
        throw asDeviceError(error, program);
      }
    },
  };
}
