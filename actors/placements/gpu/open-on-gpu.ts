import {
  closedError,
  DeviceError,
  KernelUnavailableError,
  StoppedError,
} from '../../../src/errors.js';
import { openGpuKernel } from '../../../src/kernels/gpu/open-gpu-kernel.js';
import type { GpuSolver } from '../../../src/kernels/gpu-solver.js';
import type { JobLayout } from '../../../src/kernels/job-layout.js';
import type { BlockTask } from '../../../src/kernels/kernel.js';
import { chooseKernel, isCpuKernel } from '../../../src/kernels/select/choose-kernel.js';
import type { BlockResult } from '../block-result.js';
import { type ExecutorFault, type JobExecutor, nothingSent } from '../placement.js';

/** What a job on a GPU needs besides its layout. */
export interface GpuExecutorOptions {
  /** Called once, when the GPU fails. */
  readonly onFault?: ((fault: ExecutorFault) => void) | undefined;
  /** Opens the place that takes over then, with a kernel of the processor. */
  readonly openProcessor: (job: JobLayout) => Promise<JobExecutor>;
  /** Default this process's GPU. */
  readonly openDevice?: (job: JobLayout) => Promise<OpenGpuJob>;
}

/** A job on a GPU, and the GPU's name for people. */
export interface OpenGpuJob {
  readonly solver: GpuSolver;
  readonly deviceName: string;
}

/**
 * Runs a job's tasks on this process's GPU, and those of a sketch on the processor. If the GPU fails, `onFault` is called, and the
 * processor solves all further tasks from the same generation.
 */
export async function openOnGpu(
  job: JobLayout,
  { onFault = () => {}, openProcessor, openDevice = openGpu }: GpuExecutorOptions,
): Promise<JobExecutor> {
  let device: OpenGpuJob | undefined;
  /** The place that takes over once the GPU has failed. */
  let processor: Promise<JobExecutor> | undefined;
  /** The place that runs tasks of a sketch before the GPU's first one. */
  let sketching: Promise<JobExecutor> | undefined;
  let closed: Promise<void> | undefined;
  const fallBack = (error: Error): Promise<JobExecutor> => {
    if (processor === undefined) {
      onFault({ component: 'kernel', message: error.message, action: 'use-wasm' });
      // Memory is laid out for it, scratch included.
      processor = openProcessor({ ...job, kernel: chooseKernel('wasm').name });
      // Tasks get the error.
      processor.catch(() => {});
    }
    return processor;
  };
  const solveOnGpu = async (task: BlockTask, on: OpenGpuJob): Promise<BlockResult> => {
    const done = await on.solver.run(task);
    if (done === undefined) throw new StoppedError();
    return { ...done, ranOn: on.deviceName };
  };
  const endSketch = async (): Promise<void> => {
    const opened = sketching;
    sketching = undefined;
    // Tasks get the error.
    await (await opened?.catch(() => undefined))?.close();
  };
  const close = async (): Promise<void> => {
    await device?.solver.close();
    await endSketch();
    const opened = await processor?.catch(() => undefined);
    await opened?.close();
  };

  try {
    device = await openDevice(job);
  } catch (error) {
    if (!isGpuFailure(error)) throw error;
    await fallBack(error);
  }
  return {
    broadcast: async () => nothingSent,
    async solve(task) {
      if (closed !== undefined) throw closedError();
      if (processor === undefined && task.kind === 'sketch') {
        sketching ??= openProcessor({ ...job, kernel: chooseKernel('wasm').name });
        return (await sketching).solve(task);
      }
      if (sketching !== undefined) await endSketch();
      if (processor === undefined && device !== undefined) {
        try {
          return await solveOnGpu(task, device);
        } catch (error) {
          if (!isGpuFailure(error)) throw error;
          if (closed !== undefined) throw closedError();
          await fallBack(error);
        }
      }
      return (await processor!).solve(task);
    },
    changed: (side, block) => device?.solver.forget(side, block),
    close() {
      closed ??= close();
      return closed;
    },
  };
}

/** Whether a job's tasks run on a GPU rather than in threads. */
export function isForGpu({ kernel }: JobLayout): boolean {
  return !isCpuKernel(kernel);
}

async function openGpu(job: JobLayout): Promise<OpenGpuJob> {
  if (isCpuKernel(job.kernel)) throw new TypeError(`kernel ${job.kernel} does not run on a GPU`);
  const { kernel, program } = await openGpuKernel(job.kernel, job.gpu);
  return { solver: await kernel.open(job), deviceName: program.deviceName };
}

function isGpuFailure(thrown: unknown): thrown is Error {
  return thrown instanceof DeviceError || thrown instanceof KernelUnavailableError;
}
