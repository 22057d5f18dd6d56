import { bufferUsage, mapToRead } from './buffer-usage.js';
import type { Gpu } from './gpu.js';

/** Bytes that are under way at a time. */
const pieceBytes = 64 * 2 ** 20;

/** A view of numbers, in shared memory or not. */
type Numbers = Float32Array | Uint32Array | Int32Array;

/**
 * Copies numbers to a buffer of the device, from byte `at` of it on, in the order of the queue.
 *
 * @returns the bytes copied
 */
export function uploadInto({ device }: Gpu, buffer: GPUBuffer, at: number, from: Numbers): number {
  const step = pieceBytes / 4;
  for (let begin = 0; begin < from.length; begin += step) {
    // A copy: Dawn ends the process if it is given shared memory.
    const piece = from.slice(begin, begin + step);
    device.queue.writeBuffer(buffer, at + begin * 4, piece as Float32Array<ArrayBuffer>);
    // Lets go of the copies that the device has taken.
    if (from.length > step) device.queue.submit([]);
  }
  return from.byteLength;
}

/**
 * Copies from byte `at` of a buffer of the device, once what is queued is done. The buffer must have
 * the usage COPY_SRC. Rejects if the device is lost meanwhile.
 *
 * @param into how much is copied, and where to
 * @param signal when it is raised nothing is written to `into` any more
 * @returns the bytes copied
 */
export async function readBuffer(
  { device }: Gpu,
  buffer: GPUBuffer,
  at: number,
  into: Numbers,
  signal?: AbortSignal,
): Promise<number> {
  const size = Math.min(into.byteLength, pieceBytes);
  if (size === 0) return 0;
  const usage = bufferUsage.mapRead | bufferUsage.copyTarget;
  const staging = device.createBuffer({ size, usage });
  try {
    for (let begin = 0; begin < into.length; begin += pieceBytes / 4) {
      const piece = into.subarray(begin, begin + pieceBytes / 4);
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, at + begin * 4, staging, 0, piece.byteLength);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(mapToRead, 0, piece.byteLength);
      signal?.throwIfAborted();
      const mapped = staging.getMappedRange(0, piece.byteLength);
      new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength).set(new Uint8Array(mapped));
      staging.unmap();
    }
  } finally {
    staging.destroy();
    device.queue.submit([]);
  }
  return into.byteLength;
}
