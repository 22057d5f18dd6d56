import type { ListRequest, Recommendation } from '../model/recommender.js';
import type { Generation } from './generation.js';
import { BusyError } from './http-error.js';
import type { Made, Plan } from './plan.js';

interface Waiting {
  readonly since: number;
  /** Undefined: the current one when it is run. */
  readonly generation: Generation | undefined;
  /** What to search for; undefined if the work has ended, well or not. */
  readonly begin: (generation: Generation) => Search | undefined;
}

interface Search {
  readonly request: ListRequest;
  readonly end: (found: PromiseSettledResult<Recommendation[]>) => void;
}

export interface WorkQueueOptions {
  readonly maxWaiting: number;
  readonly current: () => Generation;
  /** Told how long each piece of work waits, and then takes: its share, where searches are shared. */
  readonly metrics: { waited(seconds: number): void; scanned(seconds: number): void };
}

/** How long lists are begun before answers are sent and sockets are read, in milliseconds. */
const sliceMs = 1;
/** Searches that share a scan, at most. */
const maxShared = 8;

/**
 * Work that blocks the event loop, in the order of arrival. Lists of one generation that wait share a
 * scan of its items; none waits for others to come. Between slices of some milliseconds the event
 * loop turns, so that the service accepts, refuses and answers meanwhile.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  #waiting: Waiting[] = [];
  #next = 0;
  #isScheduled = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  get waitingCount(): number {
    return this.#waiting.length - this.#next;
  }

  /**
   * Rejects with `BusyError` if too much waits, and with what the plan, its search or `finish` throws;
   * other work that shares the search goes on.
   *
   * @param generation to use; default the current one when it is run
   */
  run<Result>(
    plan: (generation: Generation) => Plan<Result>,
    generation?: Generation,
  ): Promise<Made<Result>> {
    const { maxWaiting } = this.#options;
    if (this.waitingCount >= maxWaiting) {
      return Promise.reject(new BusyError(`${maxWaiting} requests wait already`));
    }
    return new Promise((resolve, reject) => {
      const begin = (used: Generation): Search | undefined => {
        try {
          const { request, finish } = plan(used);
          const end: Search['end'] = (found) => {
            try {
              if (found.status === 'rejected') throw found.reason;
              resolve({ generation: used.number, result: finish(found.value) });
            } catch (error) {
              reject(error);
            }
          };
          if (request !== undefined) return { request, end };
          end({ status: 'fulfilled', value: [] });
        } catch (error) {
          reject(error);
        }
        return undefined;
      };
      this.#waiting.push({ since: performance.now(), generation, begin });
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
    // Nothing changes it before the slice ends.
    const current = this.#options.current();
    while (this.waitingCount > 0 && performance.now() < end) this.#runTogether(current, end);
    if (this.waitingCount > 0) this.#schedule();
    if (this.#next > 1_000 || this.waitingCount === 0) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
  }

  /** Runs what waits longest, and what comes behind it as far as that can share its search. */
  #runTogether(current: Generation, end: number): void {
    const { metrics } = this.#options;
    const generation = this.#waiting[this.#next]!.generation ?? current;
    const searches: Search[] = [];
    let now = performance.now();
    let seconds = 0;
    do {
      const { since, begin } = this.#waiting[this.#next++]!;
      metrics.waited((now - since) / 1000);
      const search = begin(generation);
      const taken = (performance.now() - now) / 1000;
      now = performance.now();
      if (search === undefined) metrics.scanned(taken);
      else {
        searches.push(search);
        seconds += taken;
      }
    } while (
      this.waitingCount > 0 &&
      (this.#waiting[this.#next]!.generation ?? current) === generation &&
      searches.length < maxShared &&
      now < end
    );
    if (searches.length === 0) return;
    const found = searchTogether(generation, searches);
    for (const [at, search] of searches.entries()) search.end(found[at]!);
    seconds += (performance.now() - now) / 1000;
    for (const _ of searches) metrics.scanned(seconds / searches.length);
  }
}

function searchTogether({ model }: Generation, searches: readonly Search[]) {
  try {
    return model.recommendTogether(searches.map(({ request }) => request));
  } catch (reason) {
    return searches.map(() => ({ status: 'rejected', reason }) as const);
  }
}
