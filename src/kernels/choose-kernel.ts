import { KernelUnavailableError } from '../errors.js';
import type { Kernel, KernelName } from './kernel.js';
import { referenceKernel } from './reference.js';
import { wasmKernel } from './wasm.js';
import { fastestBuild } from './wasm-binary.js';

/**
 * The kernel for an option. `auto` and `wasm` are the fastest WASM build that this machine runs.
 * Throws `KernelUnavailableError` if there is none; never falls back to a slower one in silence.
 */
export function chooseKernel(wanted: 'auto' | 'reference' | 'wasm' | 'gpu'): Kernel {
  switch (wanted) {
    case 'auto':
    case 'wasm':
      return wasmKernel(fastestBuild());
    case 'reference':
      return referenceKernel;
    case 'gpu':
      throw new KernelUnavailableError(
        "found kernel 'gpu', which this version does not have; " +
          "expected 'auto', 'reference' or 'wasm'; try kernel: 'auto'",
      );
    default:
      return wanted satisfies never;
  }
}

/** The kernel of that name, for a thread that joins a job. */
export function kernelNamed(name: KernelName): Kernel {
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
