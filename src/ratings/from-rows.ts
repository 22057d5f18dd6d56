import { Arena } from '../arena.js';
import { checkIterable, checkOptions, type Rules } from '../check-options.js';
import { InvalidRatingError } from '../errors.js';
import { buildRatings } from './build-ratings.js';
import { checkRating, checkRow, checkTimestamp, maxUnixSeconds } from './check-entry.js';
import { GrowingIds } from './growing-ids.js';
import type { Id } from './id-vocabulary.js';
import { aPolicy } from './merge-duplicates.js';
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

const rowShape = '{ user, item, rating?, timestamp? }';

const rules: Rules<keyof RowOptions> = { duplicates: aPolicy };

/**
 * Ratings of rows with ids of any kind; positions are in order of first appearance.
 * Timestamps are kept if any row has one.
 * Throws `InvalidOptionError`, `InvalidIdError`, `InvalidRatingError` or `DuplicateRatingError`.
 */
export function ratingsFromRows(rows: Iterable<RatingRow>, options: RowOptions = {}): Ratings {
  const gathered = new GatheredRows(options);
  checkIterable('rows', rows, rowShape);
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
  readonly #ratings: number[] = [];
  readonly #timestamps: number[] = [];
  #isTimed = false;
  #hasDates = false;
  /** First timestamp that cannot be Unix seconds. */
  #late: { readonly timestamp: number; readonly entry: number } | undefined;

  /** Throws `InvalidOptionError`. */
  constructor(options: RowOptions) {
    checkOptions({ of: 'fromRatings' }, options, rules);
    this.#duplicates = options.duplicates ?? 'last';
  }

  /** Throws `InvalidIdError` or `InvalidRatingError`. */
  add(row: RatingRow): void {
    const entry = this.#users.length;
    checkRow(row, entry, rowShape);
    const { user, item, rating = 1, timestamp } = row;
    this.#users.push(this.#userIds.add(user, entry));
    this.#items.push(this.#itemIds.add(item, entry));
    this.#ratings.push(checkRating(rating, entry));
    this.#timestamps.push(this.#timeOf(timestamp, entry));
  }

  /** Throws `InvalidRatingError` or `DuplicateRatingError`. */
  ratings(): Ratings {
    const count = this.#users.length;
    const arena = new Arena();
    const entries = {
      users: arena.uint32(count),
      items: arena.uint32(count),
      ratings: arena.float32(count),
      ...(this.#isTimed && { timestamps: arena.float64(count) }),
    };
    entries.ratings.set(this.#ratings);
    entries.timestamps?.set(this.#timestamps);
    entries.users.set(this.#users);
    entries.items.set(this.#items);
    return buildRatings({
      arena,
      ...entries,
      userIds: this.#userIds.packed(),
      itemIds: this.#itemIds.packed(),
      duplicates: this.#duplicates,
    });
  }

  /** −Infinity where it is not known. Dates are Unix seconds, so numbers beside them are as well. */
  #timeOf(timestamp: unknown, entry: number): number {
    if (timestamp === undefined) return Number.NEGATIVE_INFINITY;
    const time = checkTimestamp(timestamp, entry);
    this.#isTimed = true;
    if (timestamp instanceof Date) this.#hasDates = true;
    else if (time > maxUnixSeconds) this.#late ??= { timestamp: time, entry };
    if (!this.#hasDates || this.#late === undefined) return time;
    throw new InvalidRatingError(
      `timestamp ${this.#late.timestamp} at entry ${this.#late.entry} beside dates`,
      'Unix seconds where others are dates',
      'try timestamp / 1000 or a date',
    );
  }
}
