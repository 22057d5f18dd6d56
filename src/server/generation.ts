import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FactorModel } from '../model/factor-model.js';
import type { FoldedUser } from '../model/folded-row.js';
import { seenEntries } from '../model/seen-ratings.js';
import type { Id } from '../ratings/id-vocabulary.js';
import { Catalogue, type ItemDetails } from './catalogue.js';
import { idOfText } from './text-ids.js';
import { type OwnInteractions, UserInteractions } from './user-interactions.js';

/** Folded-in rows that are kept. */
const maxRows = 10_000;

/** A user as the methods of a model take it. */
export type KnownUser = Id | FoldedUser;

/**
 * A model in service, with the interactions that it was not trained on. A request uses one
 * generation from its beginning to its end, so no answer mixes two models.
 *
 * Interactions do not change the model: a user who has some gets a row of its own, solved from all
 * its ratings, those of the training and the later ones, with the items as they are.
 */
export class Generation {
  readonly number: number;
  readonly model: FactorModel;
  readonly catalogue: Catalogue;
  readonly interactions = new UserInteractions();
  /** Unix milliseconds. */
  readonly takenAt: number;
  readonly #rows = new Map<string, { readonly version: number; readonly user: KnownUser }>();
  #counts: Float64Array | undefined;
  #byPopularity: Uint32Array | undefined;

  constructor(
    number: number,
    model: FactorModel,
    details: readonly ItemDetails[] | undefined,
    takenAt: number,
  ) {
    this.number = number;
    this.model = model;
    this.catalogue = new Catalogue(model, details);
    this.takenAt = takenAt;
  }

  /**
   * The user with this text as its id: its row of the model, or one solved with its interactions.
   * Undefined for a user without ratings and interactions. Throws what `foldInUser` throws.
   */
  userOf(text: string): KnownUser | undefined {
    const id = idOfText(text, this.model.idsOf('user'));
    const own = this.interactions.of(text);
    if (own === undefined) return id;
    const cached = this.#rows.get(text);
    if (cached?.version === own.version) return cached.user;
    const user = this.#fold(id, own);
    if (user === undefined) return undefined;
    this.#rows.delete(text);
    this.#rows.set(text, { version: own.version, user });
    if (this.#rows.size > maxRows) this.#rows.delete(this.#rows.keys().next().value!);
    return user;
  }

  /** Items that a user has interacted with since the training, as far as the model knows them. */
  interactedItems(text: string): Id[] {
    const items = this.model.idsOf('item');
    const own = this.interactions.of(text)?.items.keys() ?? [];
    return [...own].map((item) => idOfText(item, items)).filter((id) => id !== undefined);
  }

  /** Forgets the interactions of users that the model was trained on. Lets the event loop turn. */
  async forgetKnown(): Promise<void> {
    let checked = 0;
    for (const [text, own] of this.interactions.users()) {
      const id = idOfText(text, this.model.idsOf('user'));
      if (this.#mergedRatings(id, own) === undefined) this.interactions.forget(text);
      if (++checked % 500 === 0) await nextTurn();
    }
  }

  /** How many ratings each item has, by position. Throws `MissingRatingsError`. */
  get ratingCounts(): Float64Array {
    if (this.#counts === undefined) {
      const { items } = this.model.seen;
      this.#counts = new Float64Array(this.model.idsOf('item').size);
      for (let at = 0; at < items.length; at++) this.#counts[items[at]!]!++;
    }
    return this.#counts;
  }

  /** Item positions, those with the most ratings first. Throws `MissingRatingsError`. */
  get byPopularity(): Uint32Array {
    const counts = this.ratingCounts;
    this.#byPopularity ??= Uint32Array.from(counts.keys()).sort(
      (a, b) => counts[b]! - counts[a]! || a - b,
    );
    return this.#byPopularity;
  }

  #fold(id: Id | undefined, own: OwnInteractions): KnownUser | undefined {
    const merged = this.#mergedRatings(id, own);
    if (merged === undefined) return id;
    const items = this.model.idsOf('item');
    const ratings = Array.from(merged, ([position, rating]) => ({
      item: items.at(position),
      rating,
    }));
    return this.model.foldInUser(ratings);
  }

  /**
   * All ratings of a user by item position; undefined if interactions add nothing that the model
   * knows, and if it does not hold what its users rated.
   */
  #mergedRatings(id: Id | undefined, own: OwnInteractions): Map<number, number> | undefined {
    const { model } = this;
    if (id !== undefined && !model.hasSeen) return undefined;
    const merged = new Map<number, number>();
    if (id !== undefined) {
      const user = model.idsOf('user').positionOf(id)!;
      const { positions, ratings } = seenEntries(model.seen, user);
      for (let at = 0; at < positions.length; at++) merged.set(positions[at]!, ratings[at]!);
    }
    const items = model.idsOf('item');
    let isNew = false;
    for (const [item, { rating }] of own.items) {
      const itemId = idOfText(item, items);
      if (itemId === undefined) continue;
      if (rating < 0 && model.settings.feedback === 'implicit') continue;
      const position = items.positionOf(itemId)!;
      if (merged.get(position) === Math.fround(rating)) continue;
      merged.set(position, rating);
      isNew = true;
    }
    return isNew ? merged : undefined;
  }
}
