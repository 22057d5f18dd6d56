import test from 'ava';
import type { Gpu } from '../../../src/kernels/gpu/device/gpu.js';
import { openGpu } from '../../../src/kernels/gpu/device/open-gpu.js';

/** This process's GPU, also one that computes on the processor; undefined without. */
export const anyGpu: Gpu | undefined = await openGpu({ software: true }).catch(() => undefined);

/** `test.serial` where there is a GPU, real or in software; elsewhere skipped, and listed as such. */
export const testOnGpu =
  // Both are called alike, but for what a test returns.
  anyGpu === undefined ? (test.serial.skip as unknown as typeof test.serial) : test.serial;
