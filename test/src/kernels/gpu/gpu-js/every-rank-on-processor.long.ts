import { gpuJsOnProcessor } from '../../../../../src/kernels/gpu/gpu-js/gpu-js-program.js';
import { gpuKernel } from '../../../../../src/kernels/gpu/gpu-kernel.js';
import { kernelSuite } from '../../../../helpers/suites/kernel-suite/kernel-suite.js';

kernelSuite(gpuKernel(gpuJsOnProcessor()), 2e-4, ['cg']);
