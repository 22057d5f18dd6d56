/** Bytes on their way at first. */
const firstBytes = 4 * 1024 * 1024;

/** More on their way gains nothing: 16 MiB of 1 MiB pieces are the flat optimum. */
export const maxWindowBytes = 16 * 1024 * 1024;

/** Pieces that take less long leave room for more. */
const shortMs = 500;

/** Pieces that take longer stand in a queue somewhere, where a server may lose patience. */
const longMs = 2_000;

const minAckTimeoutMs = 1_000;

/**
 * Limits how many bytes are on their way to a place at a time, so that none of the buffers between
 * grows without bound. The limit follows how long they take, which also tells when to worry.
 */
export class Window {
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];
  #limit: number;
  #used = 0;
  #slowestMs = 0;

  /**
   * @param maxBytes limit of the bytes on their way; a larger piece goes alone
   * @param now milliseconds; only differences count
   */
  constructor(maxBytes = maxWindowBytes, now: () => number = () => performance.now()) {
    this.#maxBytes = maxBytes;
    this.#limit = Math.min(maxBytes, firstBytes);
    this.#now = now;
  }

  /** How long a piece may be silent before it is likely to be lost, ≥ 1000 milliseconds. */
  get ackTimeoutMs(): number {
    return Math.max(minAckTimeoutMs, 4 * this.#slowestMs);
  }

  /**
   * Waits until there is room, in the order of the calls.
   *
   * @returns what to call when they have arrived, or never will
   */
  async enter(bytes: number): Promise<() => void> {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) {
      await new Promise<void>((enter) => this.#waiting.push({ bytes, enter }));
    } else {
      this.#used += bytes;
    }
    const start = this.#now();
    return () => this.#leave(bytes, this.#now() - start);
  }

  #leave(bytes: number, ms: number): void {
    this.#used -= bytes;
    this.#slowestMs = Math.max(ms, this.#slowestMs * 0.9);
    if (ms < shortMs) this.#limit = Math.min(this.#maxBytes, this.#limit + bytes);
    if (ms > longMs) this.#limit /= 2;
    while (this.#waiting.length > 0 && this.#fits(this.#waiting[0]!.bytes)) {
      const { bytes: next, enter } = this.#waiting.shift()!;
      this.#used += next;
      enter();
    }
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#limit;
  }
}
