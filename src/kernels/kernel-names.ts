/**
 * How the rows of a phase are solved: by a few steps of conjugate gradient, exactly, or exactly in
 * one subspace of dimensions after the other.
 */
export type Solver = 'cg' | 'cholesky' | 'subspace';

/** What computes on the processor: float64 TypeScript, or one of the two WASM builds. */
export type CpuKernelName = 'reference' | 'wasm-simd128' | 'wasm-relaxed-simd';

/** What computes on a GPU: the fused WGSL kernel, or the one of gpu.js. */
export type GpuKernelName = 'gpu-wgsl' | 'gpu-gpujs';

/** What computes. */
export type KernelName = CpuKernelName | GpuKernelName;

/** Every kernel, by its name. */
export const kernelNames: readonly KernelName[] = Object.freeze([
  'reference',
  'wasm-simd128',
  'wasm-relaxed-simd',
  'gpu-wgsl',
  'gpu-gpujs',
]);
