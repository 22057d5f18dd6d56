import { DeviceError } from '../../errors.js';
import type { Gpu } from './device.js';

/**
 * Runs `work`, which gives the device something to do, and resolves with its result when the device
 * has taken all of it. Not when it is done: read something back for that.
 *
 * Rejects with `DeviceError` if the device is out of memory or refuses a part of it.
 *
 * @param work synchronous, so that no errors of others are mixed in
 */
export async function guarded<Result>({ device }: Gpu, work: () => Result): Promise<Result> {
  const filters = ['validation', 'out-of-memory', 'internal'] as const;
  for (const filter of filters) device.pushErrorScope(filter);
  let found: Promise<GPUError | null>[] = [];
  try {
    return await settle(work());
  } catch (error) {
    await Promise.allSettled(pop());
    throw error;
  }

  function pop(): Promise<GPUError | null>[] {
    const popped = found.length === 0 ? filters.map(() => device.popErrorScope()) : found;
    found = popped;
    return popped;
  }

  async function settle(result: Result): Promise<Result> {
    const errors = await Promise.all(pop());
    const error = errors.find((each) => each !== null);
    if (error) throw new DeviceError(reasonOf(error), { cause: error });
    return result;
  }
}

function reasonOf(error: GPUError): string {
  const text = error.message.split('\n')[0]!;
  return /out.of.memory/i.test(error.constructor.name + text)
    ? `its memory is full (${text})`
    : `it refuses what it is given: ${text}`;
}
