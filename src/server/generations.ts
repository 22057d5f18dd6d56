import { setImmediate as nextTurn } from 'node:timers/promises';
import { asError } from '../../actors/as-error.js';
import { ModelFileError } from '../errors.js';
import type { FactorModel } from '../model/factor-model.js';
import { indexIfLarge } from '../model/index-if-large.js';
import type { ItemDetails } from './catalogue.js';
import { Generation } from './generation.js';
import { HttpError } from './http-error.js';
import { type ListQuery, listForUser } from './lists.js';
import { carryOut } from './plan.js';
import { ServiceError } from './service-errors.js';
import type { ServiceEvent, SwapReason } from './service-event.js';
import type { StoredInteraction } from './user-interactions.js';

/** A request for the list of a user, to warm a model with. */
export interface RecentRequest {
  readonly user: string;
  readonly query: ListQuery;
}

export interface GenerationsOptions {
  readonly details: readonly ItemDetails[] | undefined;
  /** Models that are kept, that in service included. */
  readonly keep: number;
  /** All interactions of the log; undefined without one. */
  readonly readLog: (() => AsyncIterable<StoredInteraction>) | undefined;
  readonly recent: () => readonly RecentRequest[];
  readonly tell: (event: ServiceEvent) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/**
 * The model in service, the one that is being made ready to take its place, and those before it. A
 * change is one assignment: requests before it use the old generation to their end.
 */
export class Generations {
  readonly #options: GenerationsOptions;
  #current: Generation | undefined;
  #next: Generation | undefined;
  #number = 0;
  /** Models before the one in service, the latest last. */
  #before: FactorModel[] = [];
  #change: Promise<unknown> = Promise.resolve();

  constructor(options: GenerationsOptions) {
    this.#options = options;
  }

  /** Throws `HttpError` before the first model is there. */
  get current(): Generation {
    if (this.#current !== undefined) return this.#current;
    throw new HttpError(503, 'ERR_NOT_READY', 'found no model yet; expected it soon', 1);
  }

  get isReady(): boolean {
    return this.#current !== undefined;
  }

  /** Adds an interaction to the model in service and to the one that is being made ready. */
  add(interaction: StoredInteraction): void {
    this.#current?.interactions.add(interaction);
    this.#next?.interactions.add(interaction);
  }

  /**
   * Takes a model when it is loaded, has the interactions of the log and has answered recent requests.
   * One change at a time, in the order of the calls. Rejects with what goes wrong; then the model in
   * service stays.
   */
  take(load: () => Promise<FactorModel>, reason: SwapReason): Promise<Generation> {
    return this.#oneByOne(async () => {
      const before = this.#current?.model;
      const generation = await this.#makeReady(load, reason);
      if (before !== undefined && before !== generation.model) {
        this.#before = [...this.#before, before].slice(1 - this.#options.keep);
        if (this.#options.keep === 1) this.#before = [];
      }
      return generation;
    });
  }

  /** Takes the model before the one in service. Rejects with `ServiceError` if none is kept. */
  rollback(): Promise<Generation> {
    return this.#oneByOne(async () => {
      const model = this.#before.at(-1);
      if (model === undefined) {
        throw new ServiceError(
          'ERR_NO_ROLLBACK',
          'found no model before this one; expected one that was in service; try swap(…) with a path',
        );
      }
      const generation = await this.#makeReady(() => Promise.resolve(model), 'rollback');
      this.#before.pop();
      return generation;
    });
  }

  /** Resolves when no change is going on. */
  async settled(): Promise<void> {
    await this.#change;
  }

  async #makeReady(load: () => Promise<FactorModel>, reason: SwapReason): Promise<Generation> {
    const { tell, now, details } = this.#options;
    const startedAt = now();
    try {
      const model = checked(await load());
      const next = new Generation(this.#number + 1, model, details, now());
      this.#next = next;
      await indexIfLarge(model, {
        save: true,
        onBuilt: (origin) => tell({ type: 'indexed', ...origin }),
      });
      await this.#foldIn(next);
      await this.#warm(next);
      // From here to the end nothing waits: no interaction can come in between.
      this.#current = next;
      this.#number = next.number;
      tell({
        ...{ type: 'swapped', generation: next.number, reason },
        users: model.idsOf('user').size,
        items: model.idsOf('item').size,
        foldedUsers: next.interactions.userCount,
        seconds: (now() - startedAt) / 1000,
      });
      return next;
    } catch (error) {
      tell({ type: 'refused', reason, message: asError(error).message });
      throw error;
    } finally {
      this.#next = undefined;
    }
  }

  async #foldIn(next: Generation): Promise<void> {
    const { readLog } = this.#options;
    if (readLog === undefined) {
      // Interactions live in memory only, and are kept for models to come.
      for (const each of this.#current?.interactions.all() ?? []) next.interactions.add(each);
      return;
    }
    for await (const each of readLog()) next.interactions.add(each);
    await next.forgetKnown();
  }

  /** Makes the lists that were asked for lately, and at least one. */
  async #warm(next: Generation): Promise<void> {
    const first = { user: String(next.model.idsOf('user').at(0)), query: firstList(next.model) };
    for (const { user, query } of [first, ...this.#options.recent()]) {
      carryOut(next, listForUser(next, user, { ...query, fallback: 'popular' }, []));
      await nextTurn();
    }
  }

  #oneByOne<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#change.then(change);
    this.#change = result.catch(() => {});
    return result;
  }
}

/** A model that can be asked: the checks of loading, for models that were not loaded. */
function checked(model: FactorModel): FactorModel {
  const found =
    model.idsOf('user').size === 0 || model.idsOf('item').size === 0
      ? 'no users or no items'
      : [model.userFactors, model.itemFactors].every(areFinite)
        ? undefined
        : 'factors that are no numbers';
  if (found === undefined) return model;
  const message = `found a model with ${found}; expected some that are; try training again`;
  throw new ModelFileError('ERR_MODEL_FORMAT', message);
}

function areFinite(factors: Float32Array): boolean {
  // A sum of finite float32 in float64 is finite.
  let sum = 0;
  for (let at = 0; at < factors.length; at++) sum += factors[at]!;
  return Number.isFinite(sum);
}

function firstList({ hasSeen }: FactorModel): ListQuery {
  return {
    ...{ count: 10, offset: 0, exclude: [], deny: [], allow: undefined, category: undefined },
    ...{ minScore: undefined, filterSeen: hasSeen, fallback: undefined },
  };
}
