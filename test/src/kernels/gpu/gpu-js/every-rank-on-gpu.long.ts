import test from 'ava';
import { gpuJsProgram } from '../../../../../src/kernels/gpu/gpu-js/gpu-js-program.js';
import { gpuKernel } from '../../../../../src/kernels/gpu/gpu-kernel.js';
import { anyGpu } from '../../../../helpers/builders/software-gpu.js';
import { kernelSuite } from '../../../../helpers/suites/kernel-suite/kernel-suite.js';

if (anyGpu) kernelSuite(gpuKernel(gpuJsProgram(anyGpu)), 2e-4, ['cg']);
else test.skip('gpu.js on a device: no GPU, and no Mesa that computes in its place', () => {});
