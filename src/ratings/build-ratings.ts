import type { Arena } from '../arena.js';
import { DuplicateRatingError } from '../errors.js';
import type { IdVocabulary } from './id-vocabulary.js';
import { countDuplicates, mergeDuplicates, type TimedRows } from './merge-duplicates.js';
import { numberByCount } from './number-rows.js';
import type { DuplicatesPolicy, Ratings } from './ratings.js';
import {
  allocateSparseRows,
  releaseSparseRows,
  type SparseRows,
  transpose,
} from './sparse-rows.js';

/** Ratings as columns of positions, in any order. All in `arena`, checked, and given away. */
export interface RatingEntries {
  readonly arena: Arena;
  /** Position of each entry's user, < `userIds.size`. */
  readonly users: Uint32Array;
  readonly items: Uint32Array;
  /** Finite. */
  readonly ratings: Float32Array;
  /** When each entry was made, −Infinity if unknown; `last` goes by it, ties by input order. */
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
 * Throws `DuplicateRatingError` if a pair is rated twice and the policy is `error`.
 */
export function buildRatings(entries: RatingEntries): Ratings {
  const { arena, userIds, itemIds, duplicates } = entries;
  const users = numberByCount(entries.users, userIds.size, arena);
  const items = numberByCount(entries.items, itemIds.size, arena);
  const sorted: TimedRows =
    entries.timestamps === undefined
      ? {
          rows: sortEntries(entries, entries.ratings, users.rows, items.rows),
          timestamps: undefined,
        }
      : sortWithTimes(entries, entries.timestamps, users.rows, items.rows);

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
    byItem: transpose(byUser, arena),
    ...(timestamps && { timestamps }),
    users: { ids: userIds, positions: users.positions },
    items: { ids: itemIds, positions: items.positions },
    duplicates: { policy: duplicates, count },
  };
}

/**
 * Entries by user row, then item row, then input order, with `payload` as their ratings.
 * Releases the entries' columns.
 */
function sortEntries(
  entries: RatingEntries,
  payload: Float32Array,
  userRows: Uint32Array,
  itemRows: Uint32Array,
): SparseRows {
  const { arena, users, items } = entries;
  const byItem = allocateSparseRows(arena, {
    rowCount: itemRows.length,
    columnCount: userRows.length,
    count: users.length,
  });
  const { offsets, columns, ratings } = byItem;
  for (let at = 0; at < items.length; at++) offsets[itemRows[items[at]!]! + 1]!++;
  for (let row = 0; row < itemRows.length; row++) offsets[row + 1]! += offsets[row]!;
  const next = offsets.slice(0, itemRows.length);
  for (let at = 0; at < items.length; at++) {
    const to = next[itemRows[items[at]!]!]!++;
    columns[to] = userRows[users[at]!]!;
    ratings[to] = payload[at]!;
  }
  for (const column of [users, items, payload]) arena.release(column.byteOffset);
  const byUser = transpose(byItem, arena);
  releaseSparseRows(byItem, arena);
  return byUser;
}

/**
 * `sortEntries` with timestamps, and for `last` the latest rating of each pair last.
 *
 * The sort carries entry numbers in the place of ratings: an arena holds fewer than 2²⁹ entries,
 * and the bits of a smaller integer are a finite float, which copying keeps.
 */
function sortWithTimes(
  entries: RatingEntries,
  timestamps: Float64Array,
  userRows: Uint32Array,
  itemRows: Uint32Array,
): TimedRows {
  const { arena, ratings, duplicates } = entries;
  const numbers = arena.uint32(ratings.length);
  for (let at = 0; at < numbers.length; at++) numbers[at] = at;
  const carried = new Float32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const rows = sortEntries(entries, carried, userRows, itemRows);
  const sorted = new Uint32Array(rows.ratings.buffer, rows.ratings.byteOffset, numbers.length);
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
