import { describe } from '../errors.js';
import type { DuplicatesPolicy } from '../ratings/ratings.js';
import type { SparseRows } from '../ratings/sparse-rows.js';
import type { NewEntries } from './new-entries.js';
import { mergedRows } from './row-entries.js';
import type { SeenRatings } from './seen-ratings.js';

/** Rows of one side that new ratings touch, with all their ratings, old and new. */
export interface TouchedRows {
  /** Positions of the rows, ascending; row i of `rows` is at positions[i]. */
  readonly positions: Uint32Array;
  readonly rows: SparseRows;
}

/** Throws `DuplicateRatingError` or `InvalidRatingError`. */
export function touchedUsers(
  seen: SeenRatings,
  entries: NewEntries,
  policy: DuplicatesPolicy,
): TouchedRows {
  const added = new Map<number, number[]>();
  for (const [entry, user] of entries.users.entries()) {
    const list = added.get(user);
    if (list === undefined) added.set(user, [entry]);
    else list.push(entry);
  }
  const positions = Uint32Array.from(added.keys()).sort();
  const offsets = new Uint32Array(positions.length + 1);
  for (const [row, user] of positions.entries()) {
    offsets[row + 1] = offsets[row]! + ratedCount(seen, user) + added.get(user)!.length;
  }
  const columns = new Uint32Array(offsets.at(-1)!);
  const ratings = new Float32Array(columns.length);
  for (const [row, user] of positions.entries()) {
    const list: { readonly item: number; readonly rating: number }[] = [];
    const end = ratedCount(seen, user) === 0 ? 0 : seen.offsets[user + 1]!;
    for (let at = end === 0 ? 0 : seen.offsets[user]!; at < end; at++) {
      list.push({ item: seen.items[at]!, rating: seen.ratings[at]! });
    }
    for (const entry of added.get(user)!) {
      list.push({ item: entries.items[entry]!, rating: entries.ratings[entry]! });
    }
    // Array sorts are stable: the stored rating of a pair stays before the new ones.
    list.sort((a, b) => a.item - b.item);
    for (const [i, { item, rating }] of list.entries()) {
      columns[offsets[row]! + i] = item;
      ratings[offsets[row]! + i] = rating;
    }
  }
  const { userIds, itemIds } = entries;
  const rows = mergedRows(
    { rowCount: positions.length, columnCount: itemIds.size, offsets, columns, ratings },
    policy,
    (row, item) =>
      `user ${describe(userIds.at(positions[row]!))}, item ${describe(itemIds.at(item))}`,
  );
  return { positions, rows };
}

/** All ratings of the items that new ratings touch. One pass over `seen`. */
export function touchedItems(seen: SeenRatings, entries: NewEntries): TouchedRows {
  const positions = Uint32Array.from(new Set(entries.items)).sort();
  const rowOf = new Int32Array(entries.itemIds.size).fill(-1);
  for (const [row, item] of positions.entries()) rowOf[item] = row;
  const offsets = new Uint32Array(positions.length + 1);
  for (const item of seen.items) {
    const row = rowOf[item]!;
    if (row >= 0) offsets[row + 1]!++;
  }
  for (let row = 0; row < positions.length; row++) offsets[row + 1]! += offsets[row]!;
  const columns = new Uint32Array(offsets.at(-1)!);
  const ratings = new Float32Array(columns.length);
  const next = offsets.slice();
  for (let user = 0; user < seen.offsets.length - 1; user++) {
    for (let at = seen.offsets[user]!; at < seen.offsets[user + 1]!; at++) {
      const row = rowOf[seen.items[at]!]!;
      if (row < 0) continue;
      const to = next[row]!++;
      columns[to] = user;
      ratings[to] = seen.ratings[at]!;
    }
  }
  const columnCount = entries.userIds.size;
  return {
    positions,
    rows: { rowCount: positions.length, columnCount, offsets, columns, ratings },
  };
}

/** What users rated, with the touched users' ratings in the place of the old ones. */
export function replaceSeen(
  seen: SeenRatings,
  { positions, rows }: TouchedRows,
  userCount: number,
): SeenRatings {
  const replaced = positions.reduce((sum, user) => sum + ratedCount(seen, user), 0);
  const count = seen.items.length - replaced + rows.columns.length;
  const out = {
    offsets: new Uint32Array(userCount + 1),
    items: new Uint32Array(count),
    ratings: new Float32Array(count),
  };
  let row = 0;
  let to = 0;
  for (let user = 0; user < userCount; user++) {
    const touched = positions[row] === user;
    const source = touched
      ? { items: rows.columns, ratings: rows.ratings }
      : { items: seen.items, ratings: seen.ratings };
    const from = touched ? rows.offsets[row]! : seen.offsets[user]!;
    const end = touched ? rows.offsets[row + 1]! : seen.offsets[user + 1]!;
    out.items.set(source.items.subarray(from, end), to);
    out.ratings.set(source.ratings.subarray(from, end), to);
    to += end - from;
    out.offsets[user + 1] = to;
    if (touched) row++;
  }
  return out;
}

/** 0 for a user that is new. */
function ratedCount({ offsets }: SeenRatings, user: number): number {
  return user + 1 < offsets.length ? offsets[user + 1]! - offsets[user]! : 0;
}
