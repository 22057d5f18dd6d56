import type { EventQueue } from './event-queue.js';
import { SenderClass, type Transfer } from './sender-class.js';

/**
 * Transfers that share what carries them. Each has a sender with a card of its own and takes from all
 * shared resources in proportion to its bytes. Rates are max-min fair: all rise together until a card
 * or a resource is full (progressive filling; Bertsekas and Gallager, Data Networks, 1992, section
 * 6.5.2). Senders with equal cards have equal rates, so a start or an end costs O(cards · resources).
 */
export class SharedTransfers {
  readonly #events: EventQueue;
  /** By resource: what it carries a second. */
  readonly #capacities: readonly number[];
  /** In rising order of their cards. */
  readonly #classes: SenderClass[] = [];
  #updated = 0;
  #version = 0;

  constructor(events: EventQueue, capacities: readonly number[]) {
    this.#events = events;
    this.#capacities = capacities;
  }

  /**
   * Begins one.
   *
   * @param card bytes a second that its sender sends at most
   */
  start(card: number, transfer: Transfer): void {
    this.#advance();
    this.#classOf(card).add(transfer);
    this.#share();
  }

  /** Ends one before its end; its `done` is not called. */
  cancel(card: number, transfer: Transfer): void {
    this.#advance();
    this.#classOf(card).remove(transfer);
    this.#share();
  }

  #classOf(card: number): SenderClass {
    const known = this.#classes.find((each) => each.card === card);
    if (known !== undefined) return known;
    const own = new SenderClass(card, this.#capacities.length);
    this.#classes.push(own);
    this.#classes.sort((a, b) => a.card - b.card);
    return own;
  }

  /** Carries on until now. */
  #advance(): void {
    const { now } = this.#events;
    for (const each of this.#classes) each.advance(now - this.#updated);
    this.#updated = now;
  }

  /** Shares anew, and waits for the next end. */
  #share(): void {
    const rates = fairRates(this.#classes, this.#capacities);
    let next = Number.POSITIVE_INFINITY;
    for (const [at, each] of this.#classes.entries()) {
      each.rate = rates[at]!;
      next = Math.min(next, each.secondsToEnd());
    }
    const version = ++this.#version;
    if (next === Number.POSITIVE_INFINITY) return;
    this.#events.after(next, () => {
      if (version !== this.#version) return;
      this.#advance();
      const ended = this.#classes.flatMap((each) => each.takeEnded());
      this.#share();
      for (const { done } of ended) done();
    });
  }
}

/**
 * Bytes a second of each transfer of a class.
 *
 * @param classes in rising order of their cards
 * @param capacities by resource
 */
export function fairRates(
  classes: readonly Pick<SenderClass, 'card' | 'count' | 'demands'>[],
  capacities: readonly number[],
): number[] {
  const rates: number[] = [];
  const left = [...capacities];
  for (const [at, { card, count, demands }] of classes.entries()) {
    let rate = card;
    for (const [resource, capacity] of left.entries()) {
      let demand = 0;
      for (let other = at; other < classes.length; other++) {
        demand += classes[other]!.demands[resource]!;
      }
      if (demand > 0) rate = Math.min(rate, Math.max(0, capacity) / demand);
    }
    rates.push(count === 0 ? 0 : rate);
    if (count === 0) continue;
    for (const [resource, demand] of demands.entries()) left[resource]! -= rate * demand;
  }
  return rates;
}
