import { Arena } from '../arena.js';
import { InvalidOptionError } from '../errors.js';
import { buildRatings } from './build-ratings.js';
import { copyRatings, copyTimestamps } from './from-columns.js';
import { GrowingIds } from './growing-ids.js';
import type { Id } from './id-vocabulary.js';
import { resolveDuplicates } from './merge-duplicates.js';
import type { DuplicatesPolicy, Ratings } from './ratings.js';

/** One rating as the caller knows it. Ids of different types are different: 1 is not '1'. */
export interface RatingRow {
  readonly user: Id;
  readonly item: Id;
  /** Finite, default 1. */
  readonly rating?: number | undefined;
  /** When: a number in any unit, or a date, which becomes Unix seconds. */
  readonly timestamp?: number | Date | undefined;
}

/** How rows become ratings. */
export interface RowOptions {
  /** What to do when a pair is rated more than once. Default `last`: by timestamp, then order. */
  readonly duplicates?: DuplicatesPolicy | undefined;
}

/**
 * Ratings of rows with ids of any kind; positions are in order of first appearance.
 * Timestamps are kept if any row has one.
 * Throws `InvalidOptionError`, `InvalidIdError`, `InvalidRatingError` or `DuplicateRatingError`.
 */
export function ratingsFromRows(rows: Iterable<RatingRow>, options: RowOptions = {}): Ratings {
  const gathered = new GatheredRows(options);
  if (typeof (rows as Partial<Iterable<RatingRow>> | null)?.[Symbol.iterator] !== 'function') {
    throw new InvalidOptionError(
      'rows',
      rows,
      'an iterable of { user, item, rating?, timestamp? }',
    );
  }
  for (const row of rows) gathered.add(row);
  return gathered.ratings();
}

/** Rows that come one by one, where `ratingsFromRows` has them all. */
export class GatheredRows {
  readonly #duplicates: DuplicatesPolicy;
  readonly #userIds = new GrowingIds('user');
  readonly #itemIds = new GrowingIds('item');
  readonly #users: number[] = [];
  readonly #items: number[] = [];
  readonly #ratings: unknown[] = [];
  readonly #timestamps: unknown[] = [];
  #isTimed = false;

  /** Throws `InvalidOptionError`. */
  constructor(options: RowOptions) {
    this.#duplicates = resolveDuplicates(options.duplicates);
  }

  /** Throws `InvalidIdError`. */
  add({ user, item, rating = 1, timestamp }: RatingRow): void {
    const entry = this.#users.length;
    this.#users.push(this.#userIds.add(user, entry));
    this.#items.push(this.#itemIds.add(item, entry));
    this.#ratings.push(rating);
    if (timestamp !== undefined) this.#isTimed = true;
    this.#timestamps.push(timeOf(timestamp, Number.NEGATIVE_INFINITY));
  }

  /** Throws `InvalidRatingError` or `DuplicateRatingError`. */
  ratings(): Ratings {
    const count = this.#users.length;
    const arena = new Arena();
    const entries = {
      users: arena.uint32(count),
      items: arena.uint32(count),
      ratings: copyRatings(this.#ratings, arena.float32(count)),
      ...(this.#isTimed && { timestamps: copyTimestamps(this.#timestamps, arena.float64(count)) }),
    };
    entries.users.set(this.#users);
    entries.items.set(this.#items);
    return buildRatings({
      arena,
      ...entries,
      userIds: this.#userIds.vocabulary(),
      itemIds: this.#itemIds.vocabulary(),
      duplicates: this.#duplicates,
    });
  }
}

/** A timestamp as a number: dates as Unix seconds, and `otherwise` where there is none. */
export function timeOf(timestamp: unknown, otherwise: number): unknown {
  if (timestamp === undefined) return otherwise;
  return timestamp instanceof Date ? timestamp.getTime() / 1000 : timestamp;
}
