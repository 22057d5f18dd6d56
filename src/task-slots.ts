/**
 * Tasks that a thread holds: one that runs and one that waits in it, since the hop to the event loop
 * costs 0.1 ms or more.
 */
export const tasksPerThread = 2;

/**
 * Which worker takes the next task: an idle one first. A worker may get its next task while it is
 * busy, so that it does not wait for a round trip to the event loop. The last tasks, one for each
 * worker, go to the first idle workers.
 */
export class TaskSlots {
  /** By worker: the slots that no task holds. */
  readonly #freeSlots: readonly number[][];
  readonly #workers: number;
  readonly #depth: number;

  /**
   * @param workers each runs one task at a time; worker w holds slots w, w + workers, …
   * @param depth tasks that a worker may hold, the running one included; default 1
   */
  constructor({ workers, depth = 1 }: { readonly workers: number; readonly depth?: number }) {
    this.#workers = workers;
    this.#depth = depth;
    this.#freeSlots = Array.from({ length: workers }, (_, worker) =>
      Array.from({ length: depth }, (_, place) => worker + place * workers),
    );
  }

  /**
   * A slot of the worker that should take the next task now, if one should.
   *
   * @param waiting tasks without a slot, the next one included
   */
  take(waiting: number): number | undefined {
    if (waiting === 0) return undefined;
    const idle = this.#freeSlots.find((slots) => slots.length === this.#depth);
    if (idle !== undefined || waiting <= this.#workers) return idle?.pop();
    return this.#freeSlots.find((slots) => slots.length > 0)?.pop();
  }

  /** Gives a slot back. */
  give(slot: number): void {
    this.#freeSlots[slot % this.#workers]!.push(slot);
  }
}
