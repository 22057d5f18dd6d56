import FlatQueue from 'flatqueue';

/** Bytes on their way. */
export interface Transfer {
  /** Of the sender's card, > 0. */
  readonly bytes: number;
  /** From `place` on, by shared resource: what all of it takes there. */
  readonly amounts: Float64Array;
  readonly place: number;
  /** Set while it is on its way. */
  isUnderWay: boolean;
}

/** Transfers whose senders have equal cards, and so equal rates. */
export class SenderClass<T extends Transfer> {
  /** Bytes a second. */
  readonly card: number;
  /** By resource: what the transfers under way take there for each byte of theirs. */
  readonly demands: Float64Array;
  /** Bytes a second of each of them. */
  rate = 0;
  /** Transfers under way. */
  count = 0;
  #bytes = 0;
  /** Transfers by the bytes that each of them has sent when they end. */
  readonly #ends = new FlatQueue<T>();

  constructor(card: number, resources: number) {
    this.card = card;
    this.demands = new Float64Array(resources);
  }

  add(transfer: T): void {
    transfer.isUnderWay = true;
    this.count++;
    this.#ends.push(transfer, this.#bytes + transfer.bytes);
    this.#demand(transfer, 1);
  }

  remove(transfer: T): void {
    if (!transfer.isUnderWay) return;
    transfer.isUnderWay = false;
    this.count--;
    this.#demand(transfer, -1);
  }

  advance(seconds: number): void {
    this.#bytes += seconds * this.rate;
  }

  secondsToEnd(): number {
    this.#dropRemoved();
    const end = this.#ends.peekValue();
    if (end === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, end - this.#bytes) / this.rate;
  }

  /** Adds those that have ended to `ended`, at least to the last thousandth of a byte. */
  takeEnded(ended: T[]): void {
    const slack = 1e-3 + 1e-12 * this.#bytes;
    for (;;) {
      this.#dropRemoved();
      const end = this.#ends.peekValue();
      if (end === undefined || end > this.#bytes + slack) return;
      const transfer = this.#ends.pop()!;
      this.remove(transfer);
      ended.push(transfer);
    }
  }

  #demand({ bytes, amounts, place }: T, sign: 1 | -1): void {
    const { demands } = this;
    // Sums of what comes and goes would drift.
    if (this.count === 0) demands.fill(0);
    else {
      for (let resource = 0; resource < demands.length; resource++) {
        demands[resource]! += (sign * amounts[place + resource]!) / bytes;
      }
    }
  }

  #dropRemoved(): void {
    while (this.#ends.length > 0 && !this.#ends.peek()!.isUnderWay) this.#ends.pop();
  }
}
