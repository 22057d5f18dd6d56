import type { Kernel, KernelTraits } from '../kernel.js';
import type { CpuKernelName, KernelName } from '../kernel-names.js';
import { referenceKernel } from '../reference/reference-kernel.js';
import { fastestBuild } from '../wasm/wasm-binary.js';
import { wasmKernel } from '../wasm/wasm-kernel.js';

/** What of a processor may be asked for. */
export const processorKernelOptions = Object.freeze([
  'auto',
  'reference',
  'wasm',
  'wasm-simd128',
] as const);

/** `wasm-simd128` is the one build that all processors run; `auto` and `wasm` are the fastest one. */
export type ProcessorKernelOption = (typeof processorKernelOptions)[number];

/**
 * The kernel of this processor for an option. `auto` and `wasm` are the fastest WASM build that it
 * runs. Throws `KernelUnavailableError` if there is none; never falls back to a slower one in silence.
 */
export function chooseKernel(wanted: ProcessorKernelOption): Kernel {
  if (wanted === 'reference') return referenceKernel;
  return wasmKernel(wanted === 'wasm-simd128' ? 'simd128' : fastestBuild());
}

/** The kernel of that name, for a thread that joins a job. */
export function kernelNamed(name: CpuKernelName): Kernel {
  switch (name) {
    case 'reference':
      return referenceKernel;
    case 'wasm-simd128':
      return wasmKernel('simd128');
    case 'wasm-relaxed-simd':
      return wasmKernel('relaxed-simd');
    default:
      return name satisfies never;
  }
}

/** What a job of the kernel of that name is laid out by; it need not run here. */
export function traitsOf(name: KernelName): KernelTraits {
  if (isCpuKernel(name)) return kernelNamed(name);
  // The job of a GPU must suit the kernel that takes over from it.
  const { elementBytes, lanes, scratchBytes } = wasmKernel(fastestBuild());
  return { name, elementBytes, lanes, scratchBytes };
}

/** Whether a kernel of that name runs on the processor. */
export function isCpuKernel(name: KernelName): name is CpuKernelName {
  return name !== 'gpu-wgsl' && name !== 'gpu-gpujs';
}
