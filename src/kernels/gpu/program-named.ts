import type { GpuKernelName } from '../kernel-names.js';
import type { Gpu } from './device/gpu.js';
import type { GpuProgram } from './gpu-program.js';

/** The program of that name on a device; its code is loaded when first asked for. */
export async function programNamed(name: GpuKernelName, gpu: Gpu): Promise<GpuProgram> {
  switch (name) {
    case 'gpu-wgsl':
      return (await import('./wgsl/wgsl-program.js')).wgslProgram(gpu);
    case 'gpu-gpujs':
      return (await import('./gpu-js/gpu-js-program.js')).gpuJsProgram(gpu);
    default:
      return name satisfies never;
  }
}
