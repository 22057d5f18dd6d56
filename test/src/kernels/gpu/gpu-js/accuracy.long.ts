import test from 'ava';
import {
  gpuJsOnProcessor,
  gpuJsProgram,
} from '../../../../../src/kernels/gpu/gpu-js/gpu-js-program.js';
import { gpuKernel } from '../../../../../src/kernels/gpu/gpu-kernel.js';
import { accuracySuite } from '../../../../helpers/accuracy-suite.js';
import { anyGpu } from '../../../../helpers/software-gpu.js';

test.before((t) => t.log(`on ${anyGpu?.name ?? 'the processor'}`));

// Without a GPU the WASM that gpu.js makes, which computes in float32 as a device does.
accuracySuite(gpuKernel(anyGpu ? gpuJsProgram(anyGpu) : gpuJsOnProcessor('webasm')));
