import {
  closedError,
  DeviceError,
  KernelUnavailableError,
  StoppedError,
} from '../../../src/errors.js';
import { openGpuKernel } from '../../../src/kernels/gpu/open-gpu-kernel.js';
import { openPartsOnGpu, type PartedGpuSolver } from '../../../src/kernels/gpu/open-parts.js';
import type { GpuKernel, GpuSolver } from '../../../src/kernels/gpu-solver.js';
import type { JobLayout } from '../../../src/kernels/job-layout.js';
import type { BlockTask } from '../../../src/kernels/kernel.js';
import {
  isParted,
  type PartedLayout,
  type PartedSide,
} from '../../../src/kernels/parts/parted-layout.js';
import { chooseKernel, isCpuKernel } from '../../../src/kernels/select/choose-kernel.js';
import type { BlockResult } from '../block-result.js';
import { copyOnEventLoop } from '../copy-on-event-loop.js';
import { type ExecutorFault, type JobExecutor, nothingSent } from '../placement.js';

/** What a job on a GPU needs besides its layout. */
export interface GpuExecutorOptions<Layout extends JobLayout | PartedLayout> {
  /** Called once, when the GPU fails. */
  readonly onFault?: ((fault: ExecutorFault) => void) | undefined;
  /** Opens the place that takes over then, with a kernel of the processor. */
  readonly openProcessor: (job: Layout) => Promise<JobExecutor>;
  /** Default this process's GPU. */
  readonly openDevice?: (job: Layout) => Promise<OpenGpuJob>;
}

/** A job on a GPU, and the GPU's name for people. */
export interface OpenGpuJob {
  readonly solver: GpuSolver | PartedGpuSolver;
  readonly deviceName: string;
}

/**
 * Runs the tasks of a job, in parts or not, on this process's GPU, and those of a sketch on the
 * processor. If the GPU fails, `onFault` is called, and the processor solves all further tasks, of all
 * parts, from the same generation.
 */
export async function openOnGpu<Layout extends JobLayout | PartedLayout>(
  job: Layout,
  { onFault = () => {}, openProcessor, openDevice = openGpu }: GpuExecutorOptions<Layout>,
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
      processor = openProcessor(forProcessor(job));
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
    async broadcast(phase) {
      if (!isParted(job)) return nothingSent;
      // Tasks get the error of one that does not open.
      const opened = await processor?.catch(() => undefined);
      if (opened !== undefined) return opened.broadcast(phase);
      const made = await copyOnEventLoop(job, phase, () => closed !== undefined);
      if (device !== undefined && 'beginPhase' in device.solver) device.solver.beginPhase(phase);
      return made;
    },
    async solve(task) {
      if (closed !== undefined) throw closedError();
      if (processor === undefined && task.kind === 'sketch') {
        sketching ??= openProcessor(forProcessor(job));
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
export function isForGpu({ kernel }: JobLayout | PartedLayout): boolean {
  return !isCpuKernel(kernel);
}

/** The job, or all its parts, on the GPU of a kernel. */
export function openWith(
  kernel: GpuKernel,
  job: JobLayout | PartedLayout,
): Promise<GpuSolver | PartedGpuSolver> {
  return isParted(job) ? openPartsOnGpu(kernel, job) : kernel.open(job);
}

async function openGpu(job: JobLayout | PartedLayout): Promise<OpenGpuJob> {
  if (isCpuKernel(job.kernel)) throw new TypeError(`kernel ${job.kernel} does not run on a GPU`);
  const { kernel, program } = await openGpuKernel(job.kernel, job.gpu);
  return { solver: await openWith(kernel, job), deviceName: program.deviceName };
}

/** The same job of the processor's fastest kernel: memory is laid out for it, scratch included. */
function forProcessor<Layout extends JobLayout | PartedLayout>(job: Layout): Layout {
  const { name: kernel } = chooseKernel('wasm');
  if (!isParted(job)) return { ...job, kernel };
  const side = (side: PartedSide): PartedSide => ({
    ...side,
    parts: side.parts.map((part) => ({ ...part, layout: { ...part.layout, kernel } })),
  });
  return { ...job, kernel, user: side(job.user), item: side(job.item) };
}

function isGpuFailure(thrown: unknown): thrown is Error {
  return thrown instanceof DeviceError || thrown instanceof KernelUnavailableError;
}
