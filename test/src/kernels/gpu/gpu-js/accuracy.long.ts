import test from 'ava';
import {
  gpuJsOnProcessor,
  gpuJsProgram,
} from '../../../../../src/kernels/gpu/gpu-js/gpu-js-program.js';
import { gpuKernel } from '../../../../../src/kernels/gpu/gpu-kernel.js';
import { anyGpu } from '../../../../helpers/builders/software-gpu.js';
import { accuracySuite } from '../../../../helpers/suites/accuracy-suite.js';

test.before((t) => t.log(`on ${anyGpu?.name ?? 'the processor'}`));

// Without a GPU the WASM that gpu.js makes, which computes in float32 as a device does.
accuracySuite(gpuKernel(anyGpu ? gpuJsProgram(anyGpu) : gpuJsOnProcessor('webasm')));
