import { DeviceError } from '../../../errors.js';
import type { Gpu } from './gpu.js';

/** What an error of a device can be about. */
const kinds = ['validation', 'out-of-memory', 'internal'] as const;

/**
 * Runs `work`, which gives the device something to do, and resolves with its result when the device
 * has taken all of it. Not when it is done: read something back for that.
 *
 * Rejects with `DeviceError` if the device is out of memory or refuses a part of it.
 *
 * @param work synchronous, so that no errors of others are mixed in
 */
export async function guarded<Result>({ device }: Gpu, work: () => Result): Promise<Result> {
  for (const kind of kinds) device.pushErrorScope(kind);
  const pop = () => Promise.all(kinds.map(() => device.popErrorScope()));
  let result: Result;
  try {
    result = work();
  } catch (error) {
    await pop().catch(() => {});
    throw error;
  }
  // The last one that was pushed comes first.
  const [internal, memory, validation] = await pop();
  if (memory) throw new DeviceError(`its memory is full (${firstLine(memory)})`);
  const refusal = validation ?? internal;
  if (refusal) throw new DeviceError(`it refuses what it is given: ${firstLine(refusal)}`);
  return result;
}

function firstLine({ message }: GPUError): string {
  return message.split('\n')[0]!;
}
