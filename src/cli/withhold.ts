import type { Ratings, RatingsSplit } from '../ratings/ratings.js';
import { holdOut } from '../ratings/split/hold-out.js';
import { asPercent, counted } from './figures.js';

/** What to train on, and a note on how it was split. */
export interface Withheld {
  readonly input: Ratings | RatingsSplit;
  readonly note: string | undefined;
}

/**
 * Withholds a share of each user's ratings. If no user has enough ratings for that, it withholds
 * one of each user with two. If no user has two, it withholds nothing.
 *
 * @param fraction 0 < fraction < 1
 */
export function withhold(ratings: Ratings, fraction: number, seed: number): Withheld {
  const { rowCount, offsets } = ratings.byUser;
  const users = { withShare: 0, withTwo: 0 };
  for (let row = 0; row < rowCount; row++) {
    const count = offsets[row + 1]! - offsets[row]!;
    if (count < 2) continue;
    users.withTwo++;
    if (Math.round(count * fraction) >= 1) users.withShare++;
  }
  const enough = Math.ceil(0.5 / fraction);
  if (users.withShare > 0) {
    const isAll = users.withShare === rowCount;
    return {
      input: holdOut({ fraction, seed })(ratings),
      note: isAll
        ? undefined
        : `of ${counted(users.withShare, 'user')}; those with fewer than ${Math.max(2, enough)} ratings withhold none`,
    };
  }
  if (users.withTwo > 0) {
    return {
      input: holdOut({ perUser: 1, seed })(ratings),
      note: `one of each user with two or more: no user has the ${enough} ratings that ${asPercent(fraction)} needs`,
    };
  }
  return { input: ratings, note: 'none: no user has two ratings, so nothing is measured' };
}
