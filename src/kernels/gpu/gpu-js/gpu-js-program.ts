import type { Gpu } from '../device/gpu.js';
import { guarded } from '../device/guarded.js';
import type { GpuProgram, ProgramJob, ProgramShape } from '../gpu-program.js';
import type { Backend } from './backend.js';
import { gpuBackend } from './gpu-backend.js';
import { GpuJsJob } from './gpu-js-job.js';
import { exactBelow } from './kernel-source.js';
import { processorBackend } from './processor-backend.js';

/**
 * The kernel of gpu.js on a device: conjugate gradient as a chain of small kernels, seven a step,
 * between which vectors lie in the device's memory.
 *
 * Useful to check by: the same text runs on any device and, as JavaScript or WASM, on any machine,
 * so it says whether a wrong model is a driver's fault or a shader's. It shares nothing with the WGSL
 * kernel but the device.
 *
 * Not for speed. A thread of gpu.js writes one number and has no memory to share, so every step reads
 * each neighbour twice and every vector again: about eight times the bytes of the WGSL kernel, which
 * is expected to be 10 to 30 times faster on hardware (not measured yet; `npm run bench:gpu` does).
 * A phase with three steps is some 30 submissions, whatever its size.
 */
export function gpuJsProgram(gpu: Gpu): GpuProgram {
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits;
  return {
    name: 'gpu-gpujs',
    deviceName: gpu.name,
    lost: gpu.lost,
    giveUp: gpu.giveUp,
    refusal: (shape) => refusal(shape, Math.min(maxBufferSize, maxStorageBufferBindingSize)),
    async open(job) {
      const backend = await gpuBackend(gpu);
      return openOn(backend, () => guarded(gpu, () => new GpuJsJob(backend, job)));
    },
  };
}

/**
 * The same kernels without a device, where gpu.js makes JavaScript or WASM of them: to test with, 15
 * to 50 times slower than Seesaw's own (100,000 ratings, rank 32 and 64).
 */
export function gpuJsOnProcessor(mode: 'cpu' | 'webasm' = 'cpu'): GpuProgram {
  return {
    name: 'gpu-gpujs',
    deviceName: `the processor (gpu.js ${mode})`,
    refusal: (shape) => refusal(shape, 2 ** 31 - 4),
    async open(job) {
      const backend = await processorBackend(mode);
      return openOn(backend, async () => new GpuJsJob(backend, job));
    },
  };
}

/** Closes the backend if the job does not open. */
async function openOn(backend: Backend, open: () => Promise<ProgramJob>): Promise<ProgramJob> {
  try {
    return await open();
  } catch (error) {
    backend.close();
    throw error;
  }
}

/** `GpuProgram.refusal` for arrays of so many bytes at most. */
function refusal(shape: ProgramShape, arrayBytes: number): string | undefined {
  const rows = Math.max(shape.users, shape.items);
  if (rows > exactBelow) {
    return `found ${rows} rows; expected at most ${exactBelow}, which gpu.js counts exactly`;
  }
  if (shape.longestRow > exactBelow) {
    return `found a row of ${shape.longestRow} ratings; expected at most ${exactBelow}, which gpu.js counts exactly`;
  }
  const factorBytes = rows * shape.stride * 4;
  if (factorBytes > arrayBytes) {
    return `found ${rows} rows of ${shape.rank} elements, ${factorBytes} bytes; expected at most ${arrayBytes} bytes in a buffer`;
  }
  return undefined;
}
