import type { RatingRow } from '../../../src/ratings/from-rows.js';
import type { Id } from '../../../src/ratings/id-vocabulary.js';
import type { Ratings } from '../../../src/ratings/ratings.js';

/** One rating with the caller's ids. */
export type Triple = readonly [user: Id, item: Id, rating: number];

/** All ratings of `byUser` with outside ids, sorted as text, so independent of the numbering. */
export function triplesByUser({ byUser, users, items }: Ratings): Triple[] {
  return [...byUser.offsets.subarray(1)]
    .flatMap((end, row) =>
      [...byUser.columns.subarray(byUser.offsets[row], end)].map((column, n): Triple => {
        const at = byUser.offsets[row]! + n;
        return [
          users.ids.at(users.positions[row]!),
          items.ids.at(items.positions[column]!),
          byUser.ratings[at]!,
        ];
      }),
    )
    .sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

/** All ratings as rows with outside ids. */
export function ratingRows(ratings: Ratings): RatingRow[] {
  return triplesByUser(ratings).map(([user, item, rating]) => ({ user, item, rating }));
}

/** The timestamps of all ratings in the place of the ratings, in the same order. */
export function timesByUser(ratings: Ratings): Triple[] {
  const { byUser, timestamps } = ratings;
  if (timestamps === undefined) throw new Error('the ratings have no timestamps');
  // Numbers of any size: the triples only read what they find.
  const times = timestamps as unknown as Float32Array;
  return triplesByUser({ ...ratings, byUser: { ...byUser, ratings: times } });
}

/** The same read from `byItem`. */
export function triplesByItem(ratings: Ratings): Triple[] {
  return triplesByUser({
    ...ratings,
    byUser: ratings.byItem,
    byItem: ratings.byUser,
    users: ratings.items,
    items: ratings.users,
  })
    .map(([item, user, rating]): Triple => [user, item, rating])
    .sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

/** Number of entries of every row. */
export function rowCounts(offsets: Uint32Array): number[] {
  return [...offsets.subarray(1)].map((end, row) => end - offsets[row]!);
}
