import { InvalidOptionError } from '../../errors.js';
import { randomAt } from '../../random.js';
import type { RatingsOutline } from '../ratings.js';
import { markSmallest, randomKeys } from './mark-random.js';
import type { Marker } from './marker.js';

export interface WholeUsers {
  /** A share below 1, or a count. */
  readonly users: number;
  /** Share of each one's ratings that is visible. */
  readonly visible: number;
  readonly seed: number;
}

/**
 * Marks all ratings of some users, chosen at random of those with two or more: 1 what is hidden,
 * 2 what fold-in may see. Ratings of all others are 0.
 *
 * Throws `InvalidOptionError` if there are too few users, or no user would be left.
 */
export function wholeUsersMarker(
  whole: RatingsOutline,
  { users, visible, seed }: WholeUsers,
): Marker {
  const rows = chooseRows(whole, users, seed);
  const chosen = new Set(rows.map((row) => whole.users.positions[row]!));
  return {
    users: rows.length,
    mark(ratings) {
      const { byUser } = ratings;
      const marks = new Uint8Array(byUser.columns.length);
      for (let row = 0; row < byUser.rowCount; row++) {
        if (!chosen.has(ratings.users.positions[row]!)) continue;
        const start = byUser.offsets[row]!;
        const end = byUser.offsets[row + 1]!;
        const count = end - start;
        const seen = Math.min(Math.max(Math.round(count * visible), 1), count - 1);
        markSmallest(marks, start, randomKeys(ratings, row, seed), count - seen);
        for (let at = start; at < end; at++) if (marks[at] === 0) marks[at] = 2;
      }
      return marks;
    },
    check() {},
  };
}

function chooseRows(ratings: RatingsOutline, users: number, seed: number): number[] {
  const { byUser } = ratings;
  const counts = Array.from(byUser.offsets.subarray(1), (end, row) => end - byUser.offsets[row]!);
  const candidates = [...counts.keys()].filter((row) => counts[row]! >= 2);
  const wanted = users < 1 ? Math.round(users * candidates.length) : users;
  const raters = counts.filter((count) => count > 0).length;
  if (wanted < 1 || wanted > candidates.length || wanted >= raters) {
    throw new InvalidOptionError(
      'users',
      users,
      `one that withholds some and leaves some of ${raters} users with ratings, ` +
        `${candidates.length} of them with two or more`,
    );
  }
  // No user has this position, so the numbers have nothing to do with those of the entries.
  const keyOf = (row: number) => randomAt(seed, 2 ** 32 - 1, ratings.users.positions[row]!);
  const keys = new Map(candidates.map((row) => [row, keyOf(row)]));
  const order = candidates.sort((a, b) => keys.get(a)! - keys.get(b)!);
  return order.slice(0, wanted);
}
