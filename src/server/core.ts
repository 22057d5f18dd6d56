import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnknownIdError } from '../errors.js';
import type { FactorModel } from '../model/factor-model.js';
import type { ItemRating } from '../model/folded-row.js';
import type { Generation } from './generation.js';
import { Generations } from './generations.js';
import { Impressions } from './impressions.js';
import {
  explanationOf,
  type ListQuery,
  listForInteractions,
  listForUser,
  popularList,
  type ServedList,
  similarList,
} from './lists.js';
import { LogWriter } from './log/log-writer.js';
import { readLog } from './log/read-log.js';
import { Metrics } from './metrics.js';
import { type Made, type Plan, ready } from './plan.js';
import { RecentRequests } from './recent-requests.js';
import type { ServiceEvent, SwapReason } from './service-event.js';
import type { ResolvedServiceOptions } from './service-options.js';
import { idOfText } from './text-ids.js';
import type { StoredInteraction } from './user-interactions.js';
import { WorkQueue } from './work-queue.js';

/** Lists of a batch that wait at a time: as many as share a scan. */
const batchStep = 8;

/** A user's list in a batch, or why there is none. */
interface ListOfBatch {
  readonly user: string;
  readonly list?: ServedList;
  readonly error?: UnknownIdError;
}

/** All that a service does, apart from HTTP. */
export class ServiceCore {
  readonly options: ResolvedServiceOptions;
  readonly metrics: Metrics;
  readonly #generations: Generations;
  readonly #impressions = new Impressions();
  readonly #recent = new RecentRequests();
  readonly #queue: WorkQueue;
  readonly #log: LogWriter | undefined;
  readonly #now: () => number;
  /** Requests that are not answered yet; HTTP counts them. */
  inWork = 0;
  #isDraining = false;

  /** @param now Unix milliseconds */
  constructor(options: ResolvedServiceOptions, now: () => number) {
    this.options = options;
    this.#now = now;
    const { log } = options;
    this.#log = log === undefined ? undefined : new LogWriter(log, now());
    this.#generations = new Generations({
      details: options.items,
      keep: options.keep,
      readLog: log === undefined ? undefined : () => readLog(log),
      recent: () => this.#recent.all(),
      tell: (event) => this.tell(event),
      now,
    });
    this.metrics = new Metrics({
      waitingCount: () => this.#queue.waitingCount,
      inWork: () => this.inWork,
      generation: () => this.generation,
      ageSeconds: () => (this.#generations.isReady ? (now() - this.#current.takenAt) / 1000 : 0),
      foldedUsers: () => (this.#generations.isReady ? this.#current.interactions.userCount : 0),
      isReady: () => this.isReady,
    });
    this.#queue = new WorkQueue({
      maxWaiting: options.limits.concurrency,
      current: () => this.#current,
      metrics: this.metrics,
    });
  }

  /** Number of the model in service; 0 before the first. */
  get generation(): number {
    return this.#generations.isReady ? this.#current.number : 0;
  }

  /** Whether new requests are accepted. */
  get isReady(): boolean {
    return this.#generations.isReady && !this.#isDraining;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  get #current(): Generation {
    return this.#generations.current;
  }

  /** A user's list. Rejects with `UnknownIdError` or `BusyError`. */
  async recommend(user: string, query: ListQuery): Promise<Made<ServedList>> {
    const made = await this.#make((generation) =>
      listForUser(generation, user, query, this.#impressions.of(user, this.#now())),
    );
    if (made.result.source === 'popular') this.metrics.unknown('user');
    else this.#recent.add({ user, query });
    this.metrics.list(made.result.source);
    return made;
  }

  /** Lists of many users, all from one generation; an error for each unknown one. */
  async recommendToMany(users: readonly string[], query: ListQuery) {
    const generation = this.#current;
    const listOf = async (user: string): Promise<ListOfBatch> => {
      const shown = this.#impressions.of(user, this.#now());
      const plan = () => listForUser(generation, user, query, shown);
      try {
        const { result } = await this.#make(plan, generation);
        this.metrics.list(result.source);
        if (result.source === 'popular') this.metrics.unknown('user');
        return { user, list: result };
      } catch (error) {
        if (!(error instanceof UnknownIdError)) throw error;
        return { user, error };
      }
    };
    const lists: ListOfBatch[] = [];
    // Some at a time, so that others get their turn in between.
    for (let first = 0; first < users.length; first += batchStep) {
      lists.push(...(await Promise.all(users.slice(first, first + batchStep).map(listOf))));
    }
    return { generation: generation.number, result: lists };
  }

  /** The list of a user who is not stored. */
  async recommendFor(interactions: readonly ItemRating[], query: ListQuery) {
    const made = await this.#make((generation) =>
      listForInteractions(generation, interactions, query),
    );
    this.metrics.list(made.result.source);
    this.metrics.unknown('item', made.result.unknownItems);
    return made;
  }

  similar(item: string, count: number) {
    return this.#make((generation) => ready(similarList(generation, item, count)));
  }

  explain(user: string, item: string, count: number) {
    return this.#make((generation) => ready(explanationOf(generation, user, item, count)));
  }

  popular(query: ListQuery): Promise<Made<ServedList>> {
    return this.#make((generation) => ready(popularList(generation, query, [])));
  }

  /**
   * Keeps interactions. Resolves when they are on disk and lists follow them, to how many of the items
   * the model does not know; those count from the next training on.
   */
  async interact(
    interactions: readonly Omit<StoredInteraction, 'at'>[],
  ): Promise<Made<{ stored: number; isDurable: boolean; unknownItems: number }>> {
    const generation = this.#current;
    const at = this.#now();
    const stamped = interactions.map((each) => ({ ...each, at }));
    await this.#log?.append(stamped);
    for (const each of stamped) this.#generations.add(each);
    const items = generation.model.idsOf('item');
    const unknownItems = stamped.filter(({ item }) => idOfText(item, items) === undefined).length;
    this.metrics.interactions(stamped.length);
    this.metrics.unknown('item', unknownItems);
    const isDurable = this.#log !== undefined;
    return {
      generation: generation.number,
      result: { stored: stamped.length, isDurable, unknownItems },
    };
  }

  /** What a user was shown counts as seen for some time. */
  show(user: string, items: readonly string[], seconds: number): Made<{ shown: number }> {
    this.#impressions.add(user, items, this.#now() + seconds * 1000);
    return { generation: this.generation, result: { shown: items.length } };
  }

  /** Whether the model takes ratings below 0. */
  get isExplicit(): boolean {
    return this.#current.model.settings.feedback === 'explicit';
  }

  take(load: () => Promise<FactorModel>, reason: SwapReason): Promise<Generation> {
    return this.#generations.take(load, reason);
  }

  rollback(): Promise<Generation> {
    return this.#generations.rollback();
  }

  tell(event: ServiceEvent): void {
    if (event.type === 'swapped') this.metrics.swap('taken');
    if (event.type === 'refused') this.metrics.swap('refused');
    this.options.onEvent(event);
  }

  /** From now on the service is not ready; requests are still answered. */
  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.tell({ type: 'draining' });
  }

  /** Waits for a change of the model and for the log. */
  async close(): Promise<void> {
    await this.#generations.settled();
    // Requests in work end before the log does.
    while (this.#queue.waitingCount > 0) await nextTurn();
    await this.#log?.close();
  }

  async #make<Result>(
    plan: (generation: Generation) => Plan<Result>,
    generation?: Generation,
  ): Promise<Made<Result>> {
    try {
      return await this.#queue.run(plan, generation);
    } catch (error) {
      if (error instanceof UnknownIdError) {
        this.metrics.unknown(error.message.startsWith('user') ? 'user' : 'item');
      }
      throw error;
    }
  }
}
