import type { EventQueue, Process } from './event-queue.js';
import { SenderClass, type Transfer } from './sender-class.js';

/**
 * Transfers that share what carries them. Each has a sender with a card of its own and takes from all
 * shared resources in proportion to its bytes. Rates are max-min fair: all rise together until a card
 * or a resource is full (progressive filling; Bertsekas and Gallager, Data Networks, 1992, section
 * 6.5.2). Senders with equal cards have equal rates, so sharing anew costs O(cards² · resources),
 * once for all that starts and ends at one time.
 */
export class SharedTransfers<T extends Transfer> implements Process {
  readonly #events: EventQueue;
  /** By resource: what it carries a second. */
  readonly #capacities: Float64Array;
  readonly #onEnd: (transfer: T) => void;
  /** In rising order of their cards. */
  readonly #classes: SenderClass<T>[] = [];
  #updated = 0;
  /** When the next one ends; undefined if rates have to be shared anew. */
  #nextAt: number | undefined;

  /** @param onEnd called when the last byte is there */
  constructor(events: EventQueue, capacities: readonly number[], onEnd: (transfer: T) => void) {
    this.#events = events;
    this.#capacities = Float64Array.from(capacities);
    this.#onEnd = onEnd;
    events.follow(this);
  }

  /**
   * Begins one.
   *
   * @param card bytes a second that its sender sends at most
   */
  start(card: number, transfer: T): void {
    this.#advance();
    this.#classOf(card).add(transfer);
  }

  /** Ends one before its end, of which nobody is told. */
  cancel(card: number, transfer: T): void {
    this.#advance();
    this.#classOf(card).remove(transfer);
  }

  nextAt(): number {
    this.#nextAt ??= this.#share();
    return this.#nextAt;
  }

  happen(): void {
    this.#advance();
    const ended: T[] = [];
    for (const each of this.#classes) each.takeEnded(ended);
    for (const each of ended) this.#onEnd(each);
  }

  #classOf(card: number): SenderClass<T> {
    const known = this.#classes.find((each) => each.card === card);
    if (known !== undefined) return known;
    const own = new SenderClass<T>(card, this.#capacities.length);
    this.#classes.push(own);
    this.#classes.sort((a, b) => a.card - b.card);
    return own;
  }

  /** Carries on until now; what follows changes rates. */
  #advance(): void {
    const { now } = this.#events;
    for (const each of this.#classes) each.advance(now - this.#updated);
    this.#updated = now;
    this.#nextAt = undefined;
  }

  /** Shares anew; the time of the next end. */
  #share(): number {
    shareFairly(this.#classes, this.#capacities);
    let next = Number.POSITIVE_INFINITY;
    for (const each of this.#classes) next = Math.min(next, each.secondsToEnd());
    return this.#events.now + next;
  }
}

/** Transfers of one class as they are shared. */
type Sharing = Pick<SenderClass<Transfer>, 'card' | 'count' | 'demands' | 'rate'>;

/**
 * Sets the bytes a second of each transfer of a class.
 *
 * @param classes in rising order of their cards
 * @param capacities by resource
 */
export function shareFairly(classes: readonly Sharing[], capacities: Float64Array): void {
  const left = capacities.slice();
  for (let at = 0; at < classes.length; at++) {
    const own = classes[at]!;
    own.rate = 0;
    if (own.count === 0) continue;
    let rate = own.card;
    for (let resource = 0; resource < left.length; resource++) {
      let demand = 0;
      for (let other = at; other < classes.length; other++) {
        demand += classes[other]!.demands[resource]!;
      }
      if (demand > 0) rate = Math.min(rate, Math.max(0, left[resource]!) / demand);
    }
    own.rate = rate;
    for (let resource = 0; resource < left.length; resource++) {
      left[resource]! -= rate * own.demands[resource]!;
    }
  }
}
