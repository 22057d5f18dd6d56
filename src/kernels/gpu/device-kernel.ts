import { withDeadline } from '../../deadline.js';
import { traitsOf } from '../choose-kernel.js';
import type { DeviceKernel } from '../kernel.js';
import { asDeviceError, silence } from './device-faults.js';
import { DeviceJob } from './device-job.js';
import type { DeviceProgram } from './program.js';

/** What a device kernel may be told. */
export interface DeviceKernelOptions {
  /** Seconds without an answer after which the device is given up. Default 120. */
  readonly deadline?: number | undefined;
}

/** The kernel that a program makes. */
export function deviceKernel(
  program: DeviceProgram,
  { deadline = 120 }: DeviceKernelOptions = {},
): DeviceKernel {
  return {
    ...traitsOf(program.name),
    name: program.name,
    async open(job) {
      const silent = () => silence(program, deadline);
      const opening = program.open(job);
      try {
        const onDevice = await withDeadline(opening, deadline * 1000, silent);
        return new DeviceJob(program, job, onDevice, deadline);
      } catch (error) {
        // If it opens after all, nobody is there any more.
        opening.then((late) => late.close()).catch(() => {});
        throw asDeviceError(error, program);
      }
    },
  };
}
