import { bufferUsage } from '../../../../../src/kernels/gpu/device/buffer-usage.js';
import { StagedReads } from '../../../../../src/kernels/gpu/device/staged-reads.js';
import { uploadInto } from '../../../../../src/kernels/gpu/device/transfer.js';
import { anyGpu, testOnGpu } from '../../../../helpers/builders/software-gpu.js';

const gpu = anyGpu!;
const numbers = Float32Array.from({ length: 100 }, (_, at) => at + 0.5);

function bufferOfNumbers(): GPUBuffer {
  const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget;
  const buffer = gpu.device.createBuffer({ size: numbers.byteLength, usage });
  uploadInto(gpu, buffer, 0, numbers);
  return buffer;
}

testOnGpu('what is read in pieces comes back whole, again and again', async (t) => {
  const buffer = bufferOfNumbers();
  const staged = new StagedReads(gpu, 28);
  t.teardown(() => {
    staged.close();
    buffer.destroy();
  });
  const never = new AbortController().signal;

  for (let round = 0; round < 3; round++) {
    const all = new Float32Array(new SharedArrayBuffer(404), 4, 100);
    const some = new Float32Array(3);
    let pieces = 0;
    const reads = [
      { buffer, at: 0, into: all },
      { buffer, at: 80, into: some },
      { buffer, at: 0, into: new Float32Array() },
    ];

    const bytes = await staged.read(reads, never, () => pieces++);

    t.is(bytes, 412);
    t.is(pieces, Math.ceil(400 / 28) + 1);
    t.deepEqual(Array.from(all), Array.from(numbers));
    t.deepEqual(Array.from(some), [20.5, 21.5, 22.5]);
  }
});

testOnGpu('nothing is written once its owner has left, and others read on', async (t) => {
  const buffer = bufferOfNumbers();
  const staged = new StagedReads(gpu, 40);
  t.teardown(() => {
    staged.close();
    buffer.destroy();
  });
  const leaving = new AbortController();
  const into = new Float32Array(100).fill(7);
  const again = new Float32Array(100);

  const reading = staged.read([{ buffer, at: 0, into }], leaving.signal);
  leaving.abort(new Error('left'));

  await t.throwsAsync(reading, { message: 'left' });
  t.true(into.every((element) => element === 7));
  await staged.read([{ buffer, at: 0, into: again }], new AbortController().signal);
  t.deepEqual(Array.from(again), Array.from(numbers));
});
