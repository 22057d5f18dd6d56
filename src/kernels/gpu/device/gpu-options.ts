import {
  aTimeLimit,
  checkOptions,
  oneOf,
  type Rules,
  trueOrFalse,
} from '../../../check-options.js';

/** Which GPU computes, and how. */
export interface GpuOptions {
  /**
   * Whether a driver that computes on the processor will do, to test with: it is slower than
   * `kernel: 'wasm'`. Default false.
   */
  readonly software?: boolean;
  /**
   * `wgsl` solves a row with all its steps in one shader. `gpu.js` is a chain of small kernels, some
   * ten times slower, to compare with. Default wgsl.
   */
  readonly program?: 'wgsl' | 'gpu.js';
  /**
   * Seconds without an answer after which the GPU is given up and WASM goes on, > 0. Default 30 for
   * opening the device, 120 for what it computes.
   */
  readonly deadline?: number;
}

const rules: Rules<keyof GpuOptions> = {
  software: trueOrFalse,
  program: oneOf('wgsl', 'gpu.js'),
  deadline: aTimeLimit,
};

/** Throws `InvalidOptionError` for an option that is unknown or out of its range. */
export function checkGpuOptions(options: GpuOptions): GpuOptions {
  checkOptions({ within: 'gpu' }, options, rules);
  return options;
}
