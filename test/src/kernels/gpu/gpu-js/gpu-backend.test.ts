import test from 'ava';
import { gpuJsProgram } from '../../../../../src/kernels/gpu/gpu-js/gpu-js-program.js';
import { gpuKernel } from '../../../../../src/kernels/gpu/gpu-kernel.js';
import { anyGpu } from '../../../../helpers/builders/software-gpu.js';
import { kernelSuite } from '../../../../helpers/suites/kernel-suite/kernel-suite.js';

/**
 * Everything is float32. As for WASM, the worst case is conjugate gradient one step before it
 * converges, measured on Mesa between 3e-5 and 1e-4; rows of 5,000 ratings and rank 511 stay below
 * 3e-5, all else below 1e-5.
 */
const tolerance = 2e-4;

/** All ranks are tried by every-rank-on-gpu.long.ts. */
const ranks = [1, 6, 15, 64, 128];

if (anyGpu)
  kernelSuite(gpuKernel(gpuJsProgram(anyGpu)), tolerance, ['cg'], (rank) => ranks.includes(rank));
else test.skip('gpu.js on a device: no GPU, and no Mesa that computes in its place', () => {});
