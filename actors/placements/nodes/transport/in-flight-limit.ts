/** Bytes on their way at first. */
const firstBytes = 4 * 1024 * 1024;

/** More bytes on their way gain nothing: 16 MiB of 1 MiB pieces are the flat optimum. */
export const maxWindowBytes = 16 * 1024 * 1024;

/** The limit rises after a piece that takes less. */
const shortMs = 500;

/** The limit falls after a piece that takes longer: a server may drop a slow connection. */
const longMs = 2_000;

const minAckTimeoutMs = 1_000;

/**
 * Limits how many bytes are on their way to a node at a time, so that no buffer in between grows
 * without bound. The limit follows the pieces' times, which also give the timeout of an
 * acknowledgement.
 */
export class InFlightLimit {
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

  /**
   * How long to wait for an acknowledgement before a piece is probably lost, ≥ 1000 milliseconds.
   */
  get ackTimeoutMs(): number {
    return Math.max(minAckTimeoutMs, 4 * this.#slowestMs);
  }

  /**
   * Waits until there is room, in the order of the calls.
   *
   * @returns what to call when they have arrived or are given up
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
