import { DeviceError, KernelUnavailableError } from '../../src/errors.js';
import { chooseKernel, isCpuKernel } from '../../src/kernels/choose-kernel.js';
import { openDeviceKernel } from '../../src/kernels/gpu/open-device-kernel.js';
import type { BlockTask, DeviceSolver, JobLayout } from '../../src/kernels/kernel.js';
import { closedError, StoppedError } from '../errors.js';
import type { BlockResult } from '../protocol.js';
import { type ExecutorFault, type JobExecutor, nothingSent } from './placement.js';

/** What a job on a device needs besides its layout. */
export interface DevicePlace {
  /** Hears of it, once, when the device fails. */
  readonly onFault?: ((fault: ExecutorFault) => void) | undefined;
  /** Opens the place that goes on then, with a kernel of the processor. */
  readonly openProcessor: (job: JobLayout) => Promise<JobExecutor>;
  /** Default this process's GPU. */
  readonly openDevice?: (job: JobLayout) => Promise<OpenDevice>;
}

/** A job on a device, and the device's name for people. */
export interface OpenDevice {
  readonly solver: DeviceSolver;
  readonly deviceName: string;
}

/**
 * Runs a job's tasks on this process's GPU. When the GPU fails, which is told as a fault, what it has
 * not solved goes to the processor from the same generation, and so does everything after.
 */
export async function openOnDevice(
  job: JobLayout,
  { onFault = () => {}, openProcessor, openDevice = openGpu }: DevicePlace,
): Promise<JobExecutor> {
  let device: OpenDevice | undefined;
  /** The place that goes on, once the device has failed. */
  let processor: Promise<JobExecutor> | undefined;
  let closed: Promise<void> | undefined;
  const fallBack = (error: Error): Promise<JobExecutor> => {
    if (processor === undefined) {
      onFault({ part: 'kernel', message: error.message, action: 'use-wasm' });
      // Memory is laid out for it, scratch included.
      processor = openProcessor({ ...job, kernel: chooseKernel('wasm').name });
      // Tasks hear of it.
      processor.catch(() => {});
    }
    return processor;
  };
  const solveOnDevice = async (task: BlockTask, on: OpenDevice): Promise<BlockResult> => {
    const done = await on.solver.run(task);
    if (done === undefined) throw new StoppedError();
    return { ...done, where: on.deviceName };
  };
  const close = async (): Promise<void> => {
    await device?.solver.close();
    const opened = await processor?.catch(() => undefined);
    await opened?.close();
  };

  try {
    device = await openDevice(job);
  } catch (error) {
    if (!isOfDevice(error)) throw error;
    await fallBack(error);
  }
  return {
    broadcast: async () => nothingSent,
    async solve(task) {
      if (closed !== undefined) throw closedError();
      if (processor === undefined && device !== undefined) {
        try {
          return await solveOnDevice(task, device);
        } catch (error) {
          if (!isOfDevice(error)) throw error;
          if (closed !== undefined) throw closedError();
          await fallBack(error);
        }
      }
      return (await processor!).solve(task);
    },
    changed: (side) => device?.solver.forget(side),
    close() {
      closed ??= close();
      return closed;
    },
  };
}

/** Whether a job's tasks run on a device rather than in threads. */
export function isForDevice({ kernel }: JobLayout): boolean {
  return !isCpuKernel(kernel);
}

async function openGpu(job: JobLayout): Promise<OpenDevice> {
  if (isCpuKernel(job.kernel)) throw new TypeError(`kernel ${job.kernel} is of no device`);
  const { kernel, program } = await openDeviceKernel(job.kernel, job.gpu);
  return { solver: await kernel.open(job), deviceName: program.deviceName };
}

function isOfDevice(thrown: unknown): thrown is Error {
  return thrown instanceof DeviceError || thrown instanceof KernelUnavailableError;
}
