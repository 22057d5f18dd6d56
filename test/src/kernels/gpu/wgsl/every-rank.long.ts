import test from 'ava';
import { gpuKernel } from '../../../../../src/kernels/gpu/gpu-kernel.js';
import { wgslProgram } from '../../../../../src/kernels/gpu/wgsl/wgsl-program.js';
import { anyGpu } from '../../../../helpers/builders/software-gpu.js';
import { kernelSuite } from '../../../../helpers/suites/kernel-suite/kernel-suite.js';

if (anyGpu) {
  kernelSuite(gpuKernel(wgslProgram(anyGpu), { deadline: 1000 }), 2e-4, ['cg']);
} else {
  test.skip('gpu-wgsl: this machine has no adapter', () => {});
}
