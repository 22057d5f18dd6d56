import type { Arena } from '../arena.js';
import { DuplicateRatingError } from '../errors.js';
import type { IdVocabulary } from './id-vocabulary.js';
import { countDuplicates, mergeBy, mergeDuplicates } from './merge-duplicates.js';
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
  /** When each entry was made, for `last`; ties and a missing column go by input order. */
  readonly timestamps?: Float64Array;
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
 * the arena peaks at 20 bytes a rating (32 with timestamps) and keeps 16.
 *
 * Throws `DuplicateRatingError` if a pair is rated twice and the policy is `error`.
 */
export function buildRatings(entries: RatingEntries): Ratings {
  const { arena, userIds, itemIds, duplicates } = entries;
  const users = numberByCount(entries.users, userIds.size, arena);
  const items = numberByCount(entries.items, itemIds.size, arena);
  const sorted =
    duplicates === 'last' && entries.timestamps !== undefined
      ? sortByTime(entries, entries.timestamps, users.rows, items.rows)
      : sortEntries(entries, entries.ratings, users.rows, items.rows);

  const { count, first } = countDuplicates(sorted);
  if (first !== undefined && duplicates === 'error') {
    const user = userIds.at(users.positions[first[0]]!);
    const item = itemIds.at(items.positions[first[1]]!);
    throw new DuplicateRatingError(count, `user ${user}, item ${item}`);
  }
  const byUser =
    count === 0 ? sorted : mergeDuplicates(sorted, mergeBy(duplicates, sorted.ratings));
  return {
    arena,
    byUser,
    byItem: transpose(byUser, arena),
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
 * `sortEntries`, then the latest rating of each pair last.
 *
 * The sort carries entry numbers in the place of ratings: an arena holds fewer than 2²⁹ entries,
 * and the bits of a smaller integer are a finite float, which copying keeps.
 */
function sortByTime(
  entries: RatingEntries,
  timestamps: Float64Array,
  userRows: Uint32Array,
  itemRows: Uint32Array,
): SparseRows {
  const { arena, ratings } = entries;
  const numbers = arena.uint32(ratings.length);
  for (let at = 0; at < numbers.length; at++) numbers[at] = at;
  const carried = new Float32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const rows = sortEntries(entries, carried, userRows, itemRows);
  const sorted = new Uint32Array(rows.ratings.buffer, rows.ratings.byteOffset, numbers.length);
  for (let end = sorted.length - 1, row = rows.rowCount - 1; row >= 0; row--) {
    for (; end >= rows.offsets[row]!; end--) {
      let from = end;
      while (from > rows.offsets[row]! && rows.columns[from - 1] === rows.columns[end]) from--;
      if (from < end) {
        // Array sorts are stable, so equal times stay in input order.
        const group = [...sorted.subarray(from, end + 1)];
        sorted.set(
          group.sort((a, b) => timestamps[a]! - timestamps[b]!),
          from,
        );
        end = from;
      }
    }
  }
  for (let at = 0; at < sorted.length; at++) rows.ratings[at] = ratings[sorted[at]!]!;
  arena.release(ratings.byteOffset);
  arena.release(timestamps.byteOffset);
  return rows;
}
