import FlatQueue from 'flatqueue';

/** Something that is to happen. */
export interface Happening {
  happen(): void;
}

/** What goes on by itself, and changes whenever something happens. */
export interface Process extends Happening {
  /** The time of what it does next if nothing else happens; infinite if nothing. */
  nextAt(): number;
}

/** The clock of a simulation: what is to happen, and when. Times are seconds from its start. */
export class EventQueue {
  readonly #queue = new FlatQueue<Happening>();
  #process: Process | undefined;
  #now = 0;

  /** The time of what happens at the moment. */
  get now(): number {
    return this.#now;
  }

  /** Lets a process go on beside the queue, which it would else fill with times that do not hold. */
  follow(process: Process): void {
    this.#process = process;
  }

  /** Lets something happen after `seconds`, ≥ 0. */
  after(seconds: number, happening: Happening): void {
    this.#queue.push(happening, this.#now + seconds);
  }

  /** Lets the next thing happen; false if nothing is left. */
  step(): boolean {
    const at = this.#queue.peekValue() ?? Number.POSITIVE_INFINITY;
    const ofProcess = this.#process?.nextAt() ?? Number.POSITIVE_INFINITY;
    if (ofProcess < at) {
      this.#now = ofProcess;
      this.#process!.happen();
      return true;
    }
    if (at === Number.POSITIVE_INFINITY) return false;
    this.#now = at;
    this.#queue.pop()!.happen();
    return true;
  }
}
