import { closedError } from './errors.js';

/**
 * Gives tasks to workers in order of arrival, idle workers first.
 *
 * A worker may get its next task while it is busy, so that it does not wait for a round trip to the
 * event loop. The last tasks, one for each worker, go to the first idle workers.
 */
export class TaskQueue<Result> {
  /** By worker: the slots that no task holds. */
  readonly #freeSlots: number[][];
  readonly #depth: number;
  readonly #waiting: {
    readonly run: (slot: number) => Promise<Result>;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #closed = false;

  /**
   * @param workers each runs one task at a time; worker w holds slots w, w + workers, …
   * @param depth tasks that a worker may hold, the running one included; default 1
   */
  constructor({ workers, depth = 1 }: { readonly workers: number; readonly depth?: number }) {
    this.#depth = depth;
    this.#freeSlots = Array.from({ length: workers }, (_, worker) =>
      Array.from({ length: depth }, (_, place) => worker + place * workers),
    );
  }

  /** Runs `run` with a slot of its own until its promise settles. */
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

  /** Rejects waiting tasks; running tasks continue. */
  close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
  }

  #next(): void {
    const slots = this.#chooseWorker();
    const task = slots && this.#waiting.shift();
    if (task === undefined) return;
    const slot = slots!.pop()!;
    task
      .run(slot)
      .finally(() => {
        slots!.push(slot);
        this.#next();
      })
      .then(task.resolve, task.reject);
  }

  /** The free slots of the worker to take the next task, if one should take it now. */
  #chooseWorker(): number[] | undefined {
    const idle = this.#freeSlots.find((slots) => slots.length === this.#depth);
    if (idle !== undefined || this.#waiting.length <= this.#freeSlots.length) return idle;
    return this.#freeSlots.find((slots) => slots.length > 0);
  }
}
