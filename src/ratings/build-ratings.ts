import type { Arena } from '../arena.js';
import { DuplicateRatingError } from '../errors.js';
import { checkTimeUnit } from './check-time-unit.js';
import type { IdVocabulary } from './id-vocabulary.js';
import { countDuplicates, mergeDuplicates, type TimedRows } from './merge-duplicates.js';
import { numberByCount, type RowNumbering } from './number-rows.js';
import type { DuplicatesPolicy, Ratings } from './ratings.js';
import { allocateSparseRows, type SparseRows, transpose } from './sparse-rows.js';

/** Ratings as columns of positions, in any order. All in `arena`, checked, and given away. */
export interface RatingEntries {
  readonly arena: Arena;
  /** Position of each entry's user, < `userIds.size`. */
  readonly users: Uint32Array;
  readonly items: Uint32Array;
  /** Finite. */
  readonly ratings: Float32Array;
  /**
   * When each entry was made, −Infinity if unknown; `last` takes the latest, ties by input order.
   */
  readonly timestamps?: Float64Array | undefined;
  readonly userIds: IdVocabulary;
  readonly itemIds: IdVocabulary;
  readonly duplicates: DuplicatesPolicy;
}

/**
 * Sparse ratings both ways out of entries in any order.
 *
 * Two counting sorts, item then user, bring duplicates side by side in input order; merging them
 * and transposing gives the two orientations. Except for `last` without timestamps the result does
 * not depend on the order of the entries. The entries are released as soon as they are sorted, so
 * the arena peaks at 20 bytes a rating and keeps 16; with timestamps, at 32 and 24.
 *
 * Throws `DuplicateRatingError` if a pair is rated twice and the policy is `error`, and
 * `InvalidRatingError` for timestamps in two units.
 */
export function buildRatings(entries: RatingEntries): Ratings {
  const { arena, userIds, itemIds, duplicates } = entries;
  if (entries.timestamps !== undefined) checkTimeUnit(entries.timestamps);
  const users = numberByCount(entries.users, userIds.size, arena);
  const items = numberByCount(entries.items, itemIds.size, arena);
  const sorted: TimedRows =
    entries.timestamps === undefined
      ? {
          rows: sortEntries(entries, entries.ratings, users, items),
          timestamps: undefined,
        }
      : sortWithTimes(entries, entries.timestamps, users, items);

  const { count, first } = countDuplicates(sorted.rows);
  if (first !== undefined && duplicates === 'error') {
    const user = userIds.at(users.positions[first[0]]!);
    const item = itemIds.at(items.positions[first[1]]!);
    throw new DuplicateRatingError(count, `user ${user}, item ${item}`);
  }
  const { rows: byUser, timestamps } = count === 0 ? sorted : mergeDuplicates(sorted, duplicates);
  return {
    arena,
    byUser,
    byItem: transpose(byUser, arena, count === 0 ? items.offsets : undefined),
    ...(timestamps && { timestamps }),
    users: { ids: userIds, positions: users.positions },
    items: { ids: itemIds, positions: items.positions },
    duplicates: { policy: duplicates, count },
  };
}

/**
 * Entries by user row, then item row, then input order, with the bits of `payload` as their ratings.
 * Releases the entries' columns.
 *
 *     sorted by item   userRow, payload, userRow, payload, …    side by side: one cache miss, not two
 */
function sortEntries(
  entries: RatingEntries,
  payload: Float32Array | Uint32Array,
  users: RowNumbering,
  items: RowNumbering,
): SparseRows {
  const { arena } = entries;
  const count = entries.users.length;
  const given = bitsOf(payload);
  const [userRows, itemRows] = [users.rows, items.rows];
  const pairs = arena.uint32(2 * count);
  const nextOfItem = items.offsets.slice();
  for (let at = 0; at < count; at++) {
    const to = 2 * nextOfItem[itemRows[entries.items[at]!]!]!++;
    pairs[to] = userRows[entries.users[at]!]!;
    pairs[to + 1] = given[at]!;
  }
  for (const column of [entries.users, entries.items, payload]) arena.release(column.byteOffset);
  const [rowCount, columnCount] = [userRows.length, itemRows.length];
  const byUser = allocateSparseRows(arena, { rowCount, columnCount, count });
  byUser.offsets.set(users.offsets);
  const sorted = bitsOf(byUser.ratings);
  const nextOfUser = users.offsets.slice();
  for (let row = 0; row < columnCount; row++) {
    for (let at = items.offsets[row]!; at < items.offsets[row + 1]!; at++) {
      const to = nextOfUser[pairs[2 * at]!]!++;
      byUser.columns[to] = row;
      sorted[to] = pairs[2 * at + 1]!;
    }
  }
  arena.release(pairs.byteOffset);
  return byUser;
}

/** The same memory as integers: entry numbers can travel in the place of ratings. */
function bitsOf({ buffer, byteOffset, length }: Float32Array | Uint32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length);
}

/**
 * `sortEntries` with timestamps, and for `last` the latest rating of each pair last.
 *
 * The sort carries entry numbers in the place of ratings.
 */
function sortWithTimes(
  entries: RatingEntries,
  timestamps: Float64Array,
  users: RowNumbering,
  items: RowNumbering,
): TimedRows {
  const { arena, ratings, duplicates } = entries;
  const numbers = arena.uint32(ratings.length);
  for (let at = 0; at < numbers.length; at++) numbers[at] = at;
  const rows = sortEntries(entries, numbers, users, items);
  const sorted = bitsOf(rows.ratings);
  if (duplicates === 'last') orderPairsByTime(rows, sorted, timestamps);
  const sortedTimestamps = arena.float64(numbers.length);
  for (let at = 0; at < sorted.length; at++) {
    const entry = sorted[at]!;
    sortedTimestamps[at] = timestamps[entry]!;
    rows.ratings[at] = ratings[entry]!;
  }
  arena.release(ratings.byteOffset);
  arena.release(timestamps.byteOffset);
  return { rows, timestamps: sortedTimestamps };
}

/** Orders the entry numbers of each pair by time, in place; equal times stay in input order. */
function orderPairsByTime(rows: SparseRows, numbers: Uint32Array, timestamps: Float64Array): void {
  for (let end = numbers.length - 1, row = rows.rowCount - 1; row >= 0; row--) {
    for (; end >= rows.offsets[row]!; end--) {
      let from = end;
      while (from > rows.offsets[row]! && rows.columns[from - 1] === rows.columns[end]) from--;
      if (from < end) {
        // Array sorts are stable.
        const group = [...numbers.subarray(from, end + 1)];
        // Not a difference: −Infinity less itself is NaN.
        group.sort((a, b) => compare(timestamps[a]!, timestamps[b]!));
        numbers.set(group, from);
        end = from;
      }
    }
  }
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
