import { DeviceError } from '../../../../../src/errors.js';
import { loadDawn } from '../../../../../src/kernels/gpu/device/dawn.js';
import { openDevice } from '../../../../../src/kernels/gpu/device/open-gpu.js';
import { loadGpuJs } from '../../../../../src/kernels/gpu/gpu-js/gpu-js.js';
import { lendDevice } from '../../../../../src/kernels/gpu/gpu-js/lend-device.js';
import { testOnGpu } from '../../../../helpers/builders/software-gpu.js';

const openOne = async () => openDevice(await loadDawn(), { software: true });

testOnGpu('gpu.js leaves the errors of the device to their owner', async (t) => {
  const gpu = await openOne();
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

  await lendDevice(gpu, await loadGpuJs());

  t.is(gpu.device.onuncapturederror, null);
  t.deepEqual(Object.getOwnPropertyDescriptor(globalThis, 'navigator'), before);
  gpu.giveUp('the test is over');
});

testOnGpu('a device can be lent again, and another one when it is given up', async (t) => {
  const module = await loadGpuJs();
  const first = await openOne();
  const { context } = await lendDevice(first, module);
  const again = await lendDevice(first, module);
  const second = await openOne();
  await t.throwsAsync(lendDevice(second, module), { instanceOf: DeviceError });

  first.giveUp('it is lost');
  await first.lost;
  const lent = await lendDevice(second, module);

  t.is(again.context, context);
  t.not(lent.context, context);
  second.giveUp('the test is over');
});
