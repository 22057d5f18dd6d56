import { SeesawError } from '../../errors.js';
import type { GpuKernel } from '../gpu-solver.js';
import type { GpuOptions } from '../job-layout.js';
import type { GpuKernelName } from '../kernel-names.js';
import type { Gpu } from './device/gpu.js';
import { maybeHasGpu } from './device/maybe-has-gpu.js';
import { openGpu } from './device/open-gpu.js';
import { gpuKernel } from './gpu-kernel.js';
import type { GpuProgram } from './gpu-program.js';
import { programNamed } from './program-named.js';
import { selfTest } from './self-test.js';

/** A kernel of this process's GPU that has been tested, and what it runs. */
export interface OpenGpuKernel {
  readonly kernel: GpuKernel;
  readonly program: GpuProgram;
}

/** By device and name: programs that have passed the test, or are being tested. */
const tested = new WeakMap<Gpu, Map<GpuKernelName, Promise<GpuProgram>>>();

/** The name of the kernel that the options ask for. */
export function gpuKernelName({ program = 'wgsl' }: GpuOptions): GpuKernelName {
  return program === 'wgsl' ? 'gpu-wgsl' : 'gpu-gpujs';
}

/**
 * Opens the GPU, if it is not, and tests that the kernel of that name computes on it what the
 * reference does.
 *
 * Rejects with `KernelUnavailableError` if there is no GPU that is wanted, or a package is not there,
 * and with `DeviceError` if it is silent or computes garbage.
 */
export async function openGpuKernel(
  name: GpuKernelName,
  { software, deadline }: GpuOptions = {},
): Promise<OpenGpuKernel> {
  const gpu = await openGpu({ software, deadline });
  const programs = tested.get(gpu) ?? new Map<GpuKernelName, Promise<GpuProgram>>();
  tested.set(gpu, programs);
  const testing = programs.get(name) ?? openTested(name, gpu, deadline);
  programs.set(name, testing);
  try {
    const program = await testing;
    return { program, kernel: gpuKernel(program, { deadline }) };
  } catch (error) {
    programs.delete(name);
    throw error;
  }
}

/**
 * Kernels of this process's GPU that pass their test, the fastest first; none if there is no GPU that
 * is wanted, or it fails.
 */
export async function gpuKernelsHere(options: GpuOptions): Promise<GpuKernelName[]> {
  const passed: GpuKernelName[] = [];
  if (options.software !== true && !maybeHasGpu()) return passed;
  for (const name of ['gpu-wgsl', 'gpu-gpujs'] as const) {
    try {
      await openGpuKernel(name, options);
      passed.push(name);
    } catch (error) {
      if (!(error instanceof SeesawError)) throw error;
    }
  }
  return passed;
}

async function openTested(
  name: GpuKernelName,
  gpu: Gpu,
  deadline: number | undefined,
): Promise<GpuProgram> {
  const program = await programNamed(name, gpu);
  await selfTest(gpuKernel(program, { deadline }), program.deviceName);
  return program;
}
