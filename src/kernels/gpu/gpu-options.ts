import { InvalidOptionError } from '../../errors.js';

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
  /** Seconds without an answer after which the GPU is given up and WASM goes on, > 0. Default 120. */
  readonly deadline?: number;
}

/** Throws `InvalidOptionError` for an option that is unknown or out of its range. */
export function checkGpuOptions(options: GpuOptions): GpuOptions {
  const { software, program, deadline, ...unknown } = Object(options);
  const expect = (name: string, value: unknown, isRight: boolean, expected: string) => {
    if (value !== undefined && !isRight) throw new InvalidOptionError(name, value, expected);
  };
  if (typeof options !== 'object') throw new InvalidOptionError('gpu', options, 'an object');
  expect('gpu.software', software, typeof software === 'boolean', 'true or false');
  expect('gpu.program', program, ['wgsl', 'gpu.js'].includes(program), "'wgsl' or 'gpu.js'");
  expect('gpu.deadline', deadline, deadline > 0 && deadline < 2_000_000, 'seconds > 0');
  for (const [name, value] of Object.entries(unknown)) {
    expect(`gpu.${name}`, value, false, 'no such option, but software, program, deadline');
  }
  return options;
}
