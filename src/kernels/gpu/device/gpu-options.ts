import { InvalidOptionError } from '../../../errors.js';

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

/** Throws `InvalidOptionError` for an option that is unknown or out of its range. */
export function checkGpuOptions(options: GpuOptions): GpuOptions {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidOptionError('gpu', options, 'an object such as { software: true }');
  }
  const { software, program, deadline, ...unknown } = options;
  const refuse = (name: string, value: unknown, expected: string): never => {
    throw new InvalidOptionError(`gpu.${name}`, value, expected);
  };
  if (software !== undefined && typeof software !== 'boolean') {
    refuse('software', software, 'true or false');
  }
  if (program !== undefined && program !== 'wgsl' && program !== 'gpu.js') {
    refuse('program', program, "'wgsl' or 'gpu.js'");
  }
  const isTime = typeof deadline === 'number' && deadline > 0 && deadline < 2_000_000;
  if (deadline !== undefined && !isTime) refuse('deadline', deadline, 'seconds > 0');
  for (const [name, value] of Object.entries(unknown)) {
    refuse(name, value, 'no such option, but software, program, deadline');
  }
  return options;
}
