import type { Backend, Resident } from './backend.js';

/** Copies what a batch computed to the job's memory, and counts the bytes. */
export class ReadBack {
  bytes = 0;
  readonly #backend: Backend;
  readonly #signal: AbortSignal;

  /** Once the signal is raised nothing is written any more, and reading rejects. */
  constructor(backend: Backend, signal: AbortSignal) {
    this.#backend = backend;
    this.#signal = signal;
  }

  /** Fills `into` with the first elements of an array. */
  async into(into: Float32Array, from: Resident): Promise<void> {
    const bytes = await this.#backend.read(from, into, this.#signal);
    this.bytes += bytes;
  }
}
