import { PlacementError } from '../errors.js';

/**
 * Hands tasks to free slots in the order in which they came.
 *
 * @param Result what a task resolves to
 */
export class TaskQueue<Result> {
  readonly #freeSlots: number[];
  readonly #waiting: {
    readonly run: (slot: number) => Promise<Result>;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #closed = false;

  constructor(slots: number) {
    this.#freeSlots = Array.from({ length: slots }, (_, slot) => slot);
  }

  /** Runs `run` with a slot that nobody else uses until its promise settles. */
  add(run: (slot: number) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(closedError());
        return;
      }
      this.#waiting.push({ run, resolve, reject });
      this.#next();
    });
  }

  /** Rejects what has not started; what runs goes on. */
  close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
  }

  #next(): void {
    const slot = this.#freeSlots.at(-1);
    if (slot === undefined) return;
    const task = this.#waiting.shift();
    if (task === undefined) return;
    this.#freeSlots.pop();
    task
      .run(slot)
      .finally(() => {
        this.#freeSlots.push(slot);
        this.#next();
      })
      .then(task.resolve, task.reject);
  }
}

function closedError(): PlacementError {
  return new PlacementError('the placement is closed; expected tasks before close()');
}
