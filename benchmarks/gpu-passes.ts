import type { Ratings } from 'seesaw';
import type { Gpu } from '../src/kernels/gpu/device.js';
import type { GpuProgram } from './gpu-check.js';

/** Seconds of an iteration on the device's own clock. */
export interface DeviceTimes {
  readonly deviceSeconds: number;
  /** By shader. */
  readonly passes: Readonly<Record<string, number>>;
}

/** Times one iteration after a first one on the device's clock; undefined if it has none. */
export async function deviceTimes(
  _gpu: Gpu,
  _ratings: Ratings,
  _settings: { readonly rank: number; readonly program: GpuProgram },
): Promise<DeviceTimes | undefined> {
  return undefined;
}
