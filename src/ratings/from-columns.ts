import { Arena } from '../arena.js';
import { describe, InvalidIdError, InvalidOptionError, InvalidRatingError } from '../errors.js';
import { buildRatings } from './build-ratings.js';
import { denseIds } from './id-vocabulary.js';
import { resolveDuplicates } from './merge-duplicates.js';
import type { DuplicatesPolicy, Ratings, Side } from './ratings.js';

/** Ratings as columns of dense indices: entry n is users[n], items[n], ratings[n]. Only read. */
export interface RatingColumns {
  /** Integers, 0 ≤ index < userCount. */
  readonly users: ArrayLike<number>;
  /** Integers, 0 ≤ index < itemCount. */
  readonly items: ArrayLike<number>;
  /** Finite; 1 everywhere when left out. */
  readonly ratings?: ArrayLike<number> | undefined;
  /** Numbers in any unit; −Infinity where it is not known. */
  readonly timestamps?: ArrayLike<number> | undefined;
  readonly userCount: number;
  readonly itemCount: number;
  /** Default `last`: by timestamp, else in input order. */
  readonly duplicates?: DuplicatesPolicy | undefined;
}

/**
 * Ratings of dense indices, which are the ids. Users and items without ratings are kept.
 * Throws `InvalidOptionError`, `InvalidIdError`, `InvalidRatingError` or `DuplicateRatingError`.
 */
export function ratingsFromColumns(columns: RatingColumns): Ratings {
  const { users, items, ratings, timestamps, userCount, itemCount } = columns;
  const duplicates = resolveDuplicates(columns.duplicates);
  checkCount('userCount', userCount);
  checkCount('itemCount', itemCount);
  checkColumn('users', users, users);
  checkColumn('items', items, users);
  if (ratings !== undefined) checkColumn('ratings', ratings, users);
  if (timestamps !== undefined) checkColumn('timestamps', timestamps, users);
  const arena = new Arena();
  return buildRatings({
    arena,
    users: copyIndices(users, arena.uint32(users.length), 'user', userCount),
    items: copyIndices(items, arena.uint32(users.length), 'item', itemCount),
    ratings:
      ratings === undefined
        ? arena.float32(users.length).fill(1)
        : copyRatings(ratings, arena.float32(users.length)),
    ...(timestamps && { timestamps: copyTimestamps(timestamps, arena.float64(users.length)) }),
    userIds: denseIds(userCount),
    itemIds: denseIds(itemCount),
    duplicates,
  });
}

/** Copies ratings into `out` as float32. Throws `InvalidRatingError` naming the first bad entry. */
export function copyRatings(ratings: ArrayLike<unknown>, out: Float32Array): Float32Array {
  for (let at = 0; at < out.length; at++) {
    const rating = ratings[at];
    if (typeof rating !== 'number' || !Number.isFinite(Math.fround(rating))) {
      throw new InvalidRatingError(
        `rating ${String(rating)} at entry ${at}`,
        'a finite number that float32 can hold',
        'try leaving such entries out',
      );
    }
    out[at] = rating;
  }
  return out;
}

/** Copies timestamps into `out`. Throws `InvalidRatingError` naming the first bad entry. */
export function copyTimestamps(timestamps: ArrayLike<unknown>, out: Float64Array): Float64Array {
  for (let at = 0; at < out.length; at++) {
    const timestamp = timestamps[at];
    if (typeof timestamp !== 'number' || !(timestamp < Number.POSITIVE_INFINITY)) {
      throw new InvalidRatingError(
        `timestamp ${describe(timestamp)} at entry ${at}`,
        'a finite number or a valid date',
        'try leaving it out',
      );
    }
    out[at] = timestamp;
  }
  return out;
}

function copyIndices(
  indices: ArrayLike<number>,
  out: Uint32Array,
  side: Side,
  size: number,
): Uint32Array {
  for (let at = 0; at < out.length; at++) {
    const index = indices[at]!;
    if (!(Number.isInteger(index) && index >= 0 && index < size)) {
      throw new InvalidIdError(
        `${side} index ${String(index)} at entry ${at}`,
        `an integer from 0 to ${size - 1}`,
        `check ${side}Count, or pass rows with ids of any kind`,
      );
    }
    out[at] = index;
  }
  return out;
}

function checkCount(option: string, count: number): void {
  if (!(Number.isInteger(count) && count >= 1 && count < 2 ** 32)) {
    throw new InvalidOptionError(option, count, 'an integer from 1 to 4294967295');
  }
}

function checkColumn(option: string, column: ArrayLike<number>, users: ArrayLike<number>): void {
  const length = (column as ArrayLike<number> | null | undefined)?.length;
  if (typeof column !== 'object' || !Number.isInteger(length)) {
    throw new InvalidOptionError(option, column, 'an array or typed array of numbers');
  }
  if (length !== users.length) {
    throw new InvalidOptionError(
      option,
      `${length} entries long`,
      `as many entries as users has, ${users.length}`,
    );
  }
}
