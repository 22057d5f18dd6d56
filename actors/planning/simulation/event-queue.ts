import FlatQueue from 'flatqueue';

/** The clock of a simulation: what is to happen, and when. Times are seconds from its start. */
export class EventQueue {
  readonly #queue = new FlatQueue<() => void>();
  #now = 0;

  /** The time of what happens at the moment. */
  get now(): number {
    return this.#now;
  }

  /** Lets something happen after `seconds`, ≥ 0. */
  after(seconds: number, happen: () => void): void {
    this.#queue.push(happen, this.#now + seconds);
  }

  /** Lets the next thing happen; false if nothing is left. */
  step(): boolean {
    const at = this.#queue.peekValue();
    if (at === undefined) return false;
    this.#now = at;
    this.#queue.pop()!();
    return true;
  }
}
