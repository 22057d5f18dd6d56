import { KernelUnavailableError } from '../../src/errors.js';
import { type Gpu, openGpu } from '../../src/kernels/gpu/device.js';

/** The GPU of this machine, one that computes on the processor if need be; undefined without any. */
export async function anyGpu(): Promise<Gpu | undefined> {
  try {
    return await openGpu({ software: true });
  } catch (error) {
    if (error instanceof KernelUnavailableError) return undefined;
    throw error;
  }
}
