import type { ExecutionContext } from 'ava';
import test from 'ava';
import { DeviceError } from '../../../../../src/errors.js';
import { bufferUsage } from '../../../../../src/kernels/gpu/device/buffer-usage.js';
import { loadDawn } from '../../../../../src/kernels/gpu/device/dawn.js';
import type { Gpu } from '../../../../../src/kernels/gpu/device/gpu.js';
import { guarded } from '../../../../../src/kernels/gpu/device/guarded.js';
import { openDevice } from '../../../../../src/kernels/gpu/device/open-gpu.js';
import { readBuffer, uploadInto } from '../../../../../src/kernels/gpu/device/transfer.js';
import { testOnGpu } from '../../../../helpers/builders/software-gpu.js';

/** A device of this test alone, which it may break. */
async function ownGpu(t: ExecutionContext): Promise<Gpu> {
  const gpu = await openDevice(await loadDawn(), { software: true });
  t.teardown(() => gpu.device.destroy());
  return gpu;
}

testOnGpu('work that the device takes resolves with its result', async (t) => {
  const gpu = await ownGpu(t);

  t.is(await guarded(gpu, () => 7), 7);
});

testOnGpu('work that the device refuses rejects, and the device stays', async (t) => {
  const gpu = await ownGpu(t);
  const size = gpu.limits.maxBufferSize + 4;

  const error = await t.throwsAsync(
    guarded(gpu, () => gpu.device.createBuffer({ size, usage: bufferUsage.storage })),
    { instanceOf: DeviceError },
  );

  t.regex(error!.message, /it refuses what it is given: /);
  t.is(await Promise.race([gpu.lost, guarded(gpu, () => 'still there')]), 'still there');
});

test('a device without memory says so', async (t) => {
  const errors = [
    null,
    new (class GPUOutOfMemoryError {
      message = 'Failed to allocate';
    })(),
    null,
  ];
  const device = { pushErrorScope() {}, popErrorScope: async () => errors.shift() };

  await t.throwsAsync(
    // What guarded uses of a GPU.
    guarded({ device } as unknown as Gpu, () => {}),
    { instanceOf: DeviceError, message: 'its memory is full (Failed to allocate)' },
  );
});

test('work that throws leaves no error scope behind', async (t) => {
  let open = 0;
  const device = {
    pushErrorScope: () => open++,
    popErrorScope: async () => {
      open--;
      return null;
    },
  };
  const work = () => {
    throw new TypeError('a bug');
  };

  await t.throwsAsync(guarded({ device } as unknown as Gpu, work), { instanceOf: TypeError });
  t.is(open, 0);
});

testOnGpu('an unhandled error makes the device useless', async (t) => {
  const gpu = await ownGpu(t);

  gpu.device.createBuffer({ size: gpu.limits.maxBufferSize + 4, usage: bufferUsage.storage });
  await guarded(gpu, () => {});

  t.regex(await gpu.lost, /^an unhandled error: /);
});

testOnGpu('a device that is destroyed is lost', async (t) => {
  const gpu = await ownGpu(t);

  gpu.device.destroy();

  t.regex(await gpu.lost, /^it was lost/);
});

testOnGpu('numbers in shared memory go to the device and come back', async (t) => {
  const gpu = await ownGpu(t);
  const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget;
  const buffer = gpu.device.createBuffer({ size: 40, usage });
  const from = new Float32Array(new SharedArrayBuffer(32), 8, 5).fill(1.5);
  const into = new Float32Array(new SharedArrayBuffer(40), 4, 5);

  const uploaded = uploadInto(gpu, buffer, 12, from);
  const readBack = await readBuffer(gpu, buffer, 12, into);

  t.deepEqual([uploaded, readBack], [20, 20]);
  t.deepEqual(Array.from(into), Array.from(from));
});

testOnGpu('nothing is written to memory once its owner has left', async (t) => {
  const gpu = await ownGpu(t);
  const usage = bufferUsage.storage | bufferUsage.copySource;
  const buffer = gpu.device.createBuffer({ size: 16, usage });
  const into = new Uint32Array(4).fill(7);
  const leaving = new AbortController();

  const reading = readBuffer(gpu, buffer, 0, into, leaving.signal);
  leaving.abort(new DeviceError('left'));

  await t.throwsAsync(reading, { instanceOf: DeviceError, message: 'left' });
  t.deepEqual(Array.from(into), [7, 7, 7, 7]);
});
