import FlatQueue from 'flatqueue';

/** Bytes on their way. */
export interface Transfer {
  /** Of the sender's card, > 0. */
  readonly bytes: number;
  /** By shared resource: what all of it takes there. */
  readonly amounts: readonly number[];
  /** Called when the last byte is there. */
  readonly done: () => void;
}

/** Transfers whose senders have equal cards, and so equal rates. */
export class SenderClass {
  /** Bytes a second. */
  readonly card: number;
  /** By resource: what the transfers under way take there for each byte of theirs. */
  readonly demands: number[];
  /** Bytes a second of each of them. */
  rate = 0;
  #bytes = 0;
  /** Transfers by the bytes that each of them has sent when they end. */
  readonly #ends = new FlatQueue<Transfer>();
  readonly #active = new Set<Transfer>();

  constructor(card: number, resources: number) {
    this.card = card;
    this.demands = new Array<number>(resources).fill(0);
  }

  /** Transfers under way. */
  get count(): number {
    return this.#active.size;
  }

  add(transfer: Transfer): void {
    this.#active.add(transfer);
    this.#ends.push(transfer, this.#bytes + transfer.bytes);
    this.#demand(transfer, 1);
  }

  remove(transfer: Transfer): void {
    if (this.#active.delete(transfer)) this.#demand(transfer, -1);
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

  /** Those that have ended, at least to the last thousandth of a byte. */
  takeEnded(): Transfer[] {
    const ended: Transfer[] = [];
    const slack = 1e-3 + 1e-12 * this.#bytes;
    for (;;) {
      this.#dropRemoved();
      const end = this.#ends.peekValue();
      if (end === undefined || end > this.#bytes + slack) return ended;
      const transfer = this.#ends.pop()!;
      this.remove(transfer);
      ended.push(transfer);
    }
  }

  #demand({ bytes, amounts }: Transfer, sign: 1 | -1): void {
    for (const [resource, amount] of amounts.entries()) {
      // Sums of what comes and goes would drift.
      if (this.#active.size === 0) this.demands[resource] = 0;
      else this.demands[resource]! += (sign * amount) / bytes;
    }
  }

  #dropRemoved(): void {
    while (this.#ends.length > 0 && !this.#active.has(this.#ends.peek()!)) this.#ends.pop();
  }
}
