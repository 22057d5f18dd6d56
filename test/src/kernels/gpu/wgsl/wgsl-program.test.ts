import test from 'ava';
import { gpuKernel } from '../../../../../src/kernels/gpu/gpu-kernel.js';
import { wgslProgram } from '../../../../../src/kernels/gpu/wgsl/wgsl-program.js';
import { anyGpu } from '../../../../helpers/builders/software-gpu.js';
import { kernelSuite } from '../../../../helpers/suites/kernel-suite/kernel-suite.js';

/** That of the WASM kernels; measured was 5e-6. */
const tolerance = 2e-4;

/** All ranks are tried by every-rank.long.ts. */
const ranks = [1, 6, 64];

if (anyGpu) {
  const kernel = gpuKernel(wgslProgram(anyGpu), { deadline: 1000 });
  kernelSuite(kernel, tolerance, ['cg'], (rank) => ranks.includes(rank));
} else {
  test.skip('gpu-wgsl: this machine has no adapter', () => {});
}
