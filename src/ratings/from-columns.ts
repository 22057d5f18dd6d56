import { Arena } from '../arena.js';
import { anything, checkOptions, checkValue, integer, type Rules } from '../check-options.js';
import { adviseNumber, describeNumber } from '../describe-number.js';
import { InvalidIdError, InvalidOptionError } from '../errors.js';
import { buildRatings } from './build-ratings.js';
import { checkRating, checkTimestamp } from './check-entry.js';
import { denseIds } from './id-vocabulary.js';
import { aPolicy } from './merge-duplicates.js';
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

const aRowCount = integer(1, 2 ** 32 - 1);

const rules: Rules<keyof RatingColumns> = {
  users: anything,
  items: anything,
  ratings: anything,
  timestamps: anything,
  userCount: aRowCount,
  itemCount: aRowCount,
  duplicates: aPolicy,
};

/**
 * Ratings of dense indices, which are the ids. Users and items without ratings are kept.
 * Throws `InvalidOptionError`, `InvalidIdError`, `InvalidRatingError` or `DuplicateRatingError`.
 */
export function ratingsFromColumns(columns: RatingColumns): Ratings {
  checkOptions({ of: 'fromRatings' }, columns, rules);
  const { users, items, ratings, timestamps, userCount, itemCount, duplicates = 'last' } = columns;
  checkValue('userCount', userCount, aRowCount);
  checkValue('itemCount', itemCount, aRowCount);
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

function copyRatings(ratings: ArrayLike<unknown>, out: Float32Array): Float32Array {
  for (let at = 0; at < out.length; at++) out[at] = checkRating(ratings[at], at);
  return out;
}

function copyTimestamps(timestamps: ArrayLike<unknown>, out: Float64Array): Float64Array {
  for (let at = 0; at < out.length; at++) out[at] = checkTimestamp(timestamps[at], at);
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
        `${side} index ${describeNumber(index)} at entry ${at}`,
        `an integer from 0 to ${size - 1}`,
        adviseNumber('index', index) ?? `check ${side}Count, or pass rows with ids of any kind`,
      );
    }
    out[at] = index;
  }
  return out;
}

function checkColumn(option: string, column: ArrayLike<number>, users: ArrayLike<number>): void {
  const length = (column as ArrayLike<number> | null | undefined)?.length;
  if (typeof column !== 'object' || !Number.isInteger(length)) {
    throw new InvalidOptionError(option, column, 'an array or typed array of numbers');
  }
  if (length !== users.length) {
    throw new InvalidOptionError(
      option,
      `found ${length} entries in ${option}; expected as many as users has, ${users.length}`,
    );
  }
}
