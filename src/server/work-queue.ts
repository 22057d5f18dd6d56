import { BusyError } from './http-error.js';

interface Waiting {
  readonly since: number;
  readonly run: () => void;
}

/** How long lists are made before sockets are read again, in milliseconds. */
const sliceMs = 5;

/**
 * Work that blocks the event loop, one after the other in the order of arrival. Between slices of
 * some milliseconds the event loop turns, so that the service accepts, refuses and answers meanwhile.
 */
export class WorkQueue {
  readonly #maxWaiting: number;
  readonly #onStart: (waitedMs: number) => void;
  #waiting: Waiting[] = [];
  #next = 0;
  #isScheduled = false;

  /** @param onStart called with the time that each piece of work has waited, in milliseconds */
  constructor(maxWaiting: number, onStart: (waitedMs: number) => void) {
    this.#maxWaiting = maxWaiting;
    this.#onStart = onStart;
  }

  get waitingCount(): number {
    return this.#waiting.length - this.#next;
  }

  /** Rejects with `BusyError` if too much waits, and with what `work` throws. */
  run<Result>(work: () => Result): Promise<Result> {
    if (this.waitingCount >= this.#maxWaiting) {
      return Promise.reject(new BusyError(`${this.#maxWaiting} requests wait already`));
    }
    return new Promise((resolve, reject) => {
      const run = () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.push({ since: performance.now(), run });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#runSlice();
    });
  }

  #runSlice(): void {
    const end = performance.now() + sliceMs;
    while (this.#next < this.#waiting.length) {
      const { since, run } = this.#waiting[this.#next++]!;
      const now = performance.now();
      this.#onStart(now - since);
      run();
      if (performance.now() >= end) break;
    }
    if (this.#next < this.#waiting.length) this.#schedule();
    if (this.#next > 1_000 || this.waitingCount === 0) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
  }
}
