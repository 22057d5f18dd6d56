import test from 'ava';
import { DeviceError } from '../../../../src/errors.js';
import { gpuKernel } from '../../../../src/kernels/gpu/gpu-kernel.js';
import { selfTest } from '../../../../src/kernels/gpu/self-test.js';
import type { JobLayout } from '../../../../src/kernels/job-layout.js';
import { pretendGpuProgram } from '../../../helpers/fakes/pretend-gpu-program.js';

test('a device that computes what the reference does passes', async (t) => {
  const device = pretendGpuProgram();

  await selfTest(gpuKernel(device), 'this one');

  t.is(device.calls.at(-1), 'close');
});

/** A device that does what it should, and then spoils the job's memory. */
function spoiling(spoil: (job: JobLayout) => void) {
  const device = pretendGpuProgram();
  return {
    ...device,
    async open(job: JobLayout) {
      const opened = await device.open(job);
      return {
        ...opened,
        solve: async (...batch: Parameters<typeof opened.solve>) => {
          const result = await opened.solve(...batch);
          spoil(job);
          return result;
        },
      };
    },
  };
}

for (const [what, value] of [
  ['zeros', 0],
  ['numbers that are slightly off', 0.05],
  ['what is no number', Number.NaN],
] as const) {
  test(`a device that gives ${what} is refused`, async (t) => {
    const device = spoiling(({ memory, user }) => {
      const rows = new Float32Array(memory.buffer, user.factors[1], user.rowCount * 8);
      for (const [at, element] of rows.entries()) {
        rows[at] = value === 0.05 ? element * 1.05 : value;
      }
    });

    await t.throwsAsync(selfTest(gpuKernel(device), 'this one'), {
      instanceOf: DeviceError,
      message: /^this one computes user rows that are off by .* of their size; expected 0\.001/,
    });
    t.is(device.calls.at(-1), 'close');
  });
}

test('a device whose sums are wrong is refused', async (t) => {
  const device = pretendGpuProgram();
  const open = async (job: JobLayout) => {
    const opened = await device.open(job);
    return {
      ...opened,
      solve: async (...batch: Parameters<typeof opened.solve>) => {
        const result = await opened.solve(...batch);
        return { ...result, sums: result.sums.map((sums) => ({ ...sums, loss: 0 })) };
      },
    };
  };

  await t.throwsAsync(selfTest(gpuKernel({ ...device, open }), 'this one'), {
    instanceOf: DeviceError,
    message: /computes sums/,
  });
});
