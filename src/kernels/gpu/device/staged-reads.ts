import { bufferUsage, mapToRead } from './buffer-usage.js';
import type { Gpu } from './gpu.js';

/** Where to read, and where to. */
export interface Read {
  readonly buffer: GPUBuffer;
  /** Byte of the buffer to begin at. */
  readonly at: number;
  /** How much is copied, and where to; in shared memory or not. */
  readonly into: Float32Array;
}

/** A piece of a read that is on its way. */
interface Piece {
  readonly staging: GPUBuffer;
  readonly into: Float32Array;
  readonly mapped: Promise<void>;
}

/** One is copied from while others are copied to. */
const stagingCount = 3;

/**
 * Reads back from buffers of a device, again and again: memory that both sides see is allocated
 * once, and the device copies to some of it while the processor copies from the rest.
 */
export class StagedReads {
  readonly #gpu: Gpu;
  readonly #pieceBytes: number;
  #free: GPUBuffer[] = [];

  /** @param pieceBytes bytes that are copied at a time, a multiple of 4 */
  constructor(gpu: Gpu, pieceBytes: number) {
    this.#gpu = gpu;
    this.#pieceBytes = pieceBytes;
  }

  /**
   * Reads all, once what is queued is done. Rejects if the device is lost meanwhile. One at a time.
   *
   * @param signal when it is raised nothing is written any more, and the promise rejects
   * @param progress called after every piece
   * @returns the bytes copied
   */
  async read(
    reads: readonly Read[],
    signal: AbortSignal,
    progress: () => void = () => {},
  ): Promise<number> {
    const underWay: Piece[] = [];
    let bytes = 0;
    const finishFirst = async () => {
      const { staging, into, mapped } = underWay[0]!;
      await mapped;
      signal.throwIfAborted();
      const from = new Uint8Array(staging.getMappedRange(0, into.byteLength));
      new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(from);
      staging.unmap();
      this.#free.push(staging);
      underWay.shift();
      bytes += into.byteLength;
      progress();
    };
    try {
      for (const { buffer, at, into } of this.#piecesOf(reads)) {
        if (underWay.length === stagingCount) await finishFirst();
        underWay.push(this.#start(buffer, at, into));
      }
      while (underWay.length > 0) await finishFirst();
    } finally {
      // Dawn ends the process if a buffer goes while it is being mapped.
      await Promise.allSettled(underWay.map(({ mapped }) => mapped));
      for (const { staging } of underWay) staging.destroy();
    }
    return bytes;
  }

  /** Frees what was allocated. Nothing is being read. */
  close(): void {
    for (const staging of this.#free) staging.destroy();
    this.#free = [];
  }

  *#piecesOf(reads: readonly Read[]): Generator<Read> {
    const step = this.#pieceBytes / 4;
    for (const { buffer, at, into } of reads) {
      for (let begin = 0; begin < into.length; begin += step) {
        yield { buffer, at: at + begin * 4, into: into.subarray(begin, begin + step) };
      }
    }
  }

  #start(buffer: GPUBuffer, at: number, into: Float32Array): Piece {
    const { device } = this.#gpu;
    const staging = this.#free.pop() ?? this.#allocate();
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, at, staging, 0, into.byteLength);
    device.queue.submit([encoder.finish()]);
    const mapped = staging.mapAsync(mapToRead, 0, into.byteLength);
    // Heard when its turn comes.
    mapped.catch(() => {});
    return { staging, into, mapped };
  }

  #allocate(): GPUBuffer {
    return this.#gpu.device.createBuffer({
      size: this.#pieceBytes,
      usage: bufferUsage.mapRead | bufferUsage.copyTarget,
    });
  }
}
