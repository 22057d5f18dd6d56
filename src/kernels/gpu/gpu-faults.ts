import { DeviceError } from '../../errors.js';
import type { BatchResult, GpuProgram } from './gpu-program.js';

/** Whatever a program fails with. */
export function asDeviceError(
  thrown: unknown,
  { deviceName }: Pick<GpuProgram, 'deviceName'>,
): DeviceError {
  if (thrown instanceof DeviceError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new DeviceError(`${deviceName} failed: ${message}`, { cause: thrown });
}

/** For a GPU that does not answer; it is not used any more. */
export function silenceError(
  { deviceName, giveUp }: Pick<GpuProgram, 'deviceName' | 'giveUp'>,
  seconds: number,
): DeviceError {
  giveUp?.(`it did not answer within ${seconds} s`);
  return new DeviceError(
    `${deviceName} is silent; expected an answer within ${seconds} s; ` +
      "try a longer gpu.deadline, or kernel: 'wasm'",
  );
}

/** Throws `DeviceError` if a sum is no number: the GPU computes garbage, or overflows. */
export function checkSums({ sums }: BatchResult, { deviceName }: GpuProgram): void {
  for (const { heldOut, ...others } of sums) {
    for (const [name, value] of [...Object.entries(others), ...Object.entries(heldOut)]) {
      if (Number.isFinite(value)) continue;
      throw new DeviceError(`${deviceName} computes ${value} as the sum ${name}`);
    }
  }
}

/**
 * Reports the loss of the GPU, until `signal` is raised. A GPU outlives many jobs: it must not
 * hold what they have.
 */
export function onLoss(
  { lost, deviceName }: Pick<GpuProgram, 'lost' | 'deviceName'>,
  signal: AbortSignal,
  tell: (error: DeviceError) => void,
): void {
  let listener: typeof tell | undefined = tell;
  signal.addEventListener('abort', () => {
    listener = undefined;
  });
  void lost?.then((reason) => listener?.(new DeviceError(`${deviceName} failed: ${reason}`)));
}
