import { bufferUsage } from '../device/buffer-usage.js';
import type { Gpu } from '../device/gpu.js';
import { uploadInto } from '../device/transfer.js';

/** Buffers that are freed together. */
export class GpuMemory {
  readonly #gpu: Gpu;
  readonly #buffers: GPUBuffer[] = [];

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** A buffer for shaders to read and write, at least 16 bytes. */
  storage(bytes: number): GPUBuffer {
    const { storage, copySource, copyTarget } = bufferUsage;
    return this.#allocate(bytes, storage | copySource | copyTarget);
  }

  /** A buffer of u32 fields that shaders read. */
  uniform(...fields: number[]): GPUBuffer {
    const made = this.#allocate(4 * fields.length, bufferUsage.uniform | bufferUsage.copyTarget);
    uploadInto(this.#gpu, made, 0, Uint32Array.from(fields));
    return made;
  }

  free(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    // Dawn frees what was destroyed with the next submit.
    this.#gpu.device.queue.submit([]);
  }

  #allocate(bytes: number, usage: number): GPUBuffer {
    const buffer = this.#gpu.device.createBuffer({ size: Math.max(16, bytes), usage });
    this.#buffers.push(buffer);
    return buffer;
  }
}
