import {
  aTimeLimit,
  checkOptions,
  oneOf,
  type Rules,
  trueOrFalse,
} from '../../../check-options.js';
import type { GpuOptions } from '../../job-layout.js';

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
