import { closedError } from './errors.js';
import { TaskSlots } from './task-slots.js';

/** Gives tasks to workers in order of arrival; see `TaskSlots`. */
export class TaskQueue<Result> {
  readonly #slots: TaskSlots;
  readonly #waiting: {
    readonly run: (slot: number) => Promise<Result>;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #closed = false;

  /** Takes what `TaskSlots` takes. */
  constructor(workers: { readonly workers: number; readonly depth?: number }) {
    this.#slots = new TaskSlots(workers);
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
    const slot = this.#slots.take(this.#waiting.length);
    if (slot === undefined) return;
    const task = this.#waiting.shift()!;
    task
      .run(slot)
      .finally(() => {
        this.#slots.give(slot);
        this.#next();
      })
      .then(task.resolve, task.reject);
  }
}
