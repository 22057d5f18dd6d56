import { SeesawError } from '../../errors.js';
import type { DeviceKernel, DeviceKernelName, GpuOptions } from '../kernel.js';
import { type Gpu, openGpu } from './device/device.js';
import { maybeHasGpu } from './device/graphics-device.js';
import { deviceKernel } from './device-kernel.js';
import type { DeviceProgram } from './program.js';
import { programNamed } from './programs.js';
import { selfTest } from './self-test.js';

/** A kernel of this process's GPU that has been tested, and what it runs. */
export interface OpenDeviceKernel {
  readonly kernel: DeviceKernel;
  readonly program: DeviceProgram;
}

/** By device and name: programs that have passed the test, or are being tested. */
const tested = new WeakMap<Gpu, Map<DeviceKernelName, Promise<DeviceProgram>>>();

/** The name of the kernel that the options ask for. */
export function deviceKernelName({ program = 'wgsl' }: GpuOptions): DeviceKernelName {
  return program === 'wgsl' ? 'gpu-wgsl' : 'gpu-gpujs';
}

/**
 * Opens the GPU, if it is not, and tests that the kernel of that name computes on it what the
 * reference does.
 *
 * Rejects with `KernelUnavailableError` if there is no GPU that is wanted, or a package is not there,
 * and with `DeviceError` if it is silent or computes garbage.
 */
export async function openDeviceKernel(
  name: DeviceKernelName,
  { software, deadline }: GpuOptions = {},
): Promise<OpenDeviceKernel> {
  const gpu = await openGpu({ software, deadline });
  const programs = tested.get(gpu) ?? new Map<DeviceKernelName, Promise<DeviceProgram>>();
  tested.set(gpu, programs);
  const testing = programs.get(name) ?? openTested(name, gpu, deadline);
  programs.set(name, testing);
  try {
    const program = await testing;
    return { program, kernel: deviceKernel(program, { deadline }) };
  } catch (error) {
    programs.delete(name);
    throw error;
  }
}

/**
 * Kernels of this process's GPU that pass their test, the fastest first; none if there is no GPU that
 * is wanted, or it fails.
 */
export async function deviceKernelsHere(options: GpuOptions): Promise<DeviceKernelName[]> {
  const passed: DeviceKernelName[] = [];
  if (options.software !== true && !maybeHasGpu()) return passed;
  for (const name of ['gpu-wgsl', 'gpu-gpujs'] as const) {
    try {
      await openDeviceKernel(name, options);
      passed.push(name);
    } catch (error) {
      if (!(error instanceof SeesawError)) throw error;
    }
  }
  return passed;
}

async function openTested(
  name: DeviceKernelName,
  gpu: Gpu,
  deadline: number | undefined,
): Promise<DeviceProgram> {
  const program = await programNamed(name, gpu);
  await selfTest(deviceKernel(program, { deadline }), program.deviceName);
  return program;
}
