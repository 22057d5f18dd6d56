import { DeviceError } from '../../errors.js';
import type { BatchResult, DeviceProgram } from './program.js';

/** Whatever a program fails with. */
export function asDeviceError(
  thrown: unknown,
  { deviceName }: Pick<DeviceProgram, 'deviceName'>,
): DeviceError {
  if (thrown instanceof DeviceError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new DeviceError(`${deviceName} failed: ${message}`, { cause: thrown });
}

/** For a device that does not answer; it is not used any more. */
export function silence(
  { deviceName, giveUp }: Pick<DeviceProgram, 'deviceName' | 'giveUp'>,
  seconds: number,
): DeviceError {
  giveUp?.(`it did not answer within ${seconds} s`);
  return new DeviceError(
    `${deviceName} is silent; expected an answer within ${seconds} s; ` +
      "try a longer gpu.deadline, or kernel: 'wasm'",
  );
}

/** Throws `DeviceError` if a sum is no number: the device computes garbage, or overflows. */
export function checkSums({ sums }: BatchResult, { deviceName }: DeviceProgram): void {
  for (const { heldOut, ...others } of sums) {
    for (const [name, value] of [...Object.entries(others), ...Object.entries(heldOut)]) {
      if (Number.isFinite(value)) continue;
      throw new DeviceError(`${deviceName} computes ${value} as the sum ${name}`);
    }
  }
}

/**
 * Tells of the loss of the device, until `signal` is raised. A device outlives many jobs: it must not
 * hold what they have.
 */
export function onLoss(
  { lost, deviceName }: Pick<DeviceProgram, 'lost' | 'deviceName'>,
  signal: AbortSignal,
  tell: (error: DeviceError) => void,
): void {
  let listener: typeof tell | undefined = tell;
  signal.addEventListener('abort', () => {
    listener = undefined;
  });
  void lost?.then((reason) => listener?.(new DeviceError(`${deviceName} failed: ${reason}`)));
}
