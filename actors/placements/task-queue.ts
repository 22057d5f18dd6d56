import { PlacementError } from '../errors.js';

/**
 * Hands tasks to free slots in the order in which they came.
 *
 * With more slots than workers, a worker is given its next task while it is busy, so that it need
 * not wait for the way to the event loop and back. Not the last tasks, though, one for each worker:
 * they go to whoever is free first.
 */
export class TaskQueue<Result> {
  readonly #freeSlots: number[];
  readonly #workers: number;
  #running = 0;
  readonly #waiting: {
    readonly run: (slot: number) => Promise<Result>;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #closed = false;

  /** @param slots at least as many as `workers`, which run one task each at a time */
  constructor({ workers, slots = workers }: { readonly workers: number; readonly slots?: number }) {
    this.#workers = workers;
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
    const isWorkerFree = this.#running < this.#workers;
    if (!isWorkerFree && this.#waiting.length <= this.#workers) return;
    const slot = this.#freeSlots.at(-1);
    if (slot === undefined) return;
    const task = this.#waiting.shift();
    if (task === undefined) return;
    this.#freeSlots.pop();
    this.#running++;
    task
      .run(slot)
      .finally(() => {
        this.#running--;
        this.#freeSlots.push(slot);
        this.#next();
      })
      .then(task.resolve, task.reject);
  }
}

function closedError(): PlacementError {
  return new PlacementError('the placement is closed; expected tasks before close()');
}
