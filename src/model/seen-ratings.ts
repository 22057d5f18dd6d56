import { type DescribedRatings, isDescribed } from '../ratings/described-ratings.js';
import type { Ratings } from '../ratings/ratings.js';
import type { SparseRows } from '../ratings/sparse-rows.js';
import type { Elements } from '../training/elements.js';
import type { RowEntries } from './row-entries.js';
import { isIdentity } from './unpad-rows.js';

/**
 * What users rated in training, by position.
 *
 *     offsets   userCount + 1   user u rated entries offsets[u] … offsets[u + 1] − 1
 *     items     one per entry   item positions, ascending inside a user
 *     ratings   one per entry   r_ui as it came
 */
export interface SeenRatings {
  readonly offsets: Uint32Array;
  readonly items: Uint32Array;
  readonly ratings: Float32Array;
}

const made = new WeakMap<Ratings | DescribedRatings, SeenRatings>();

/**
 * The ratings with inside rows turned into positions. Made once for each `Ratings`, so the models
 * of one run share it. When positions and rows are the same it is `ratings.byUser` itself, not a
 * copy; both are read-only. Described ratings are read from disk, whole: their rows are in the order of
 * the positions.
 */
export function seenRatings(ratings: Ratings | DescribedRatings): SeenRatings {
  let seen = made.get(ratings);
  if (seen === undefined) {
    seen = seenOf(ratings);
    made.set(ratings, seen);
  }
  return seen;
}

/** What users rated as `SeenRatings`, of which some is read when it is asked for. */
export interface StoredSeen {
  readonly offsets: Uint32Array;
  readonly items: Elements<Uint32Array>;
  readonly ratings: Elements<Float32Array>;
}

/** `seenRatings` without reading described ratings as a whole. */
export function storedSeen(ratings: Ratings | DescribedRatings): StoredSeen {
  if (!isDescribed(ratings) || made.has(ratings)) return seenRatings(ratings);
  const { byUser, described } = ratings;
  const { offsets } = byUser;
  const length = offsets.at(-1)!;
  const elements = <Values extends Uint32Array | Float32Array>(
    of: (rows: SparseRows) => Values,
  ): Elements<Values> => ({
    length,
    BYTES_PER_ELEMENT: 4,
    subarray(start, end) {
      const first = rowAt(offsets, start);
      const from = offsets[first]!;
      const values = of(
        described.entries.rows(first, rowAt(offsets, Math.max(start, end - 1)) + 1),
      );
      // A subarray is of its array's type; the compiler does not know that of a type parameter.
      return values.subarray(start - from, end - from) as Values;
    },
  });
  return {
    offsets,
    items: elements(({ columns }) => columns),
    ratings: elements((rows) => rows.ratings),
  };
}

/** The last row that begins at an entry or before it. */
function rowAt(offsets: Uint32Array, entry: number): number {
  let [from, end] = [0, offsets.length - 1];
  while (end - from > 1) {
    const middle = (from + end) >>> 1;
    if (offsets[middle]! <= entry) from = middle;
    else end = middle;
  }
  return from;
}

function seenOf(ratings: Ratings | DescribedRatings): SeenRatings {
  const isOrdered =
    isDescribed(ratings) ||
    (isIdentity(ratings.users.positions) && isIdentity(ratings.items.positions));
  if (!isOrdered) return remapped(ratings);
  const { rowCount } = ratings.byUser;
  const rows = isDescribed(ratings) ? ratings.described.entries.rows(0, rowCount) : ratings.byUser;
  return { offsets: rows.offsets, items: rows.columns, ratings: rows.ratings };
}

/** Item positions that a user position rated. A view. */
export function seenItems(seen: SeenRatings, user: number): Uint32Array {
  return seenEntries(seen, user).positions;
}

/** Item positions that a user position rated, and how. Views. */
export function seenEntries({ offsets, items, ratings }: SeenRatings, user: number): RowEntries {
  const [from, end] = [offsets[user]!, offsets[user + 1]!];
  return { positions: items.subarray(from, end), ratings: ratings.subarray(from, end) };
}

/** A counting sort by user that visits items in the order of their positions, so they ascend. */
function remapped({ byUser, byItem, users, items }: Ratings): SeenRatings {
  const offsets = new Uint32Array(byUser.rowCount + 1);
  for (let row = 0; row < byUser.rowCount; row++) {
    offsets[users.positions[row]! + 1] = byUser.offsets[row + 1]! - byUser.offsets[row]!;
  }
  for (let user = 0; user < byUser.rowCount; user++) offsets[user + 1]! += offsets[user]!;

  const itemRows = new Uint32Array(byItem.rowCount);
  for (let row = 0; row < byItem.rowCount; row++) itemRows[items.positions[row]!] = row;

  const next = offsets.slice(0, byUser.rowCount);
  const seen = {
    offsets,
    items: new Uint32Array(byUser.columns.length),
    ratings: new Float32Array(byUser.columns.length),
  };
  for (let item = 0; item < itemRows.length; item++) {
    const row = itemRows[item]!;
    for (let at = byItem.offsets[row]!; at < byItem.offsets[row + 1]!; at++) {
      const to = next[users.positions[byItem.columns[at]!]!]!++;
      seen.items[to] = item;
      seen.ratings[to] = byItem.ratings[at]!;
    }
  }
  return seen;
}
