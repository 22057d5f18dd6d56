import test from 'ava';
import { gpuJsOnProcessor } from '../../../../../src/kernels/gpu/gpu-js/gpu-js-program.js';
import { gpuKernel } from '../../../../../src/kernels/gpu/gpu-kernel.js';
import { selfTest } from '../../../../../src/kernels/gpu/self-test.js';
import { kernelSuite } from '../../../../helpers/suites/kernel-suite/kernel-suite.js';

/**
 * JavaScript sums in float64 and rounds what it stores to float32. All cases stay below 1e-5 but
 * conjugate gradient one step before it converges, which was measured between 1e-5 and 3e-5.
 */
const tolerance = 2e-4;

/** All ranks are tried by every-rank-on-processor.long.ts. */
const ranks = [1, 6, 15, 64, 128];

kernelSuite(gpuKernel(gpuJsOnProcessor()), tolerance, ['cg'], (rank) => ranks.includes(rank));

test('the WASM that gpu.js makes computes what the reference does', async (t) => {
  await t.notThrowsAsync(selfTest(gpuKernel(gpuJsOnProcessor('webasm')), 'webasm'));
});
