import test from 'ava';
import { deviceKernel } from '../../../../../src/kernels/gpu/device-kernel.js';
import {
  gpuJsOnProcessor,
  gpuJsProgram,
} from '../../../../../src/kernels/gpu/gpu-js/gpu-js-program.js';
import { accuracySuite } from '../../../../helpers/accuracy-suite.js';
import { anyGpu } from '../../../../helpers/software-gpu.js';

test.before((t) => t.log(`on ${anyGpu?.name ?? 'the processor'}`));

// Without a GPU the WASM that gpu.js makes, which computes in float32 as a device does.
accuracySuite(deviceKernel(anyGpu ? gpuJsProgram(anyGpu) : gpuJsOnProcessor('webasm')));
