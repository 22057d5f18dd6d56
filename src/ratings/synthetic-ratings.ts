import { Arena } from '../arena.js';
import { aCount, aSeed, checkOptions, checkValue, integer, type Rules } from '../check-options.js';
import { InvalidOptionError } from '../errors.js';
import { normalAt, randomAt } from '../random.js';
import { buildRatings } from './build-ratings.js';
import { denseIds } from './id-vocabulary.js';
import type { Ratings } from './ratings.js';
import { shapeCatalogue, TasteSampler } from './taste-sampler.js';

/** Sizes of the made-up ratings, how many there are, and their seed. */
export interface SyntheticOptions {
  readonly users: number;
  readonly items: number;
  /** Share of the cells that are rated, 0 < density ≤ 1. Either this or `count`. */
  readonly density?: number | undefined;
  /** Exact number of ratings, 1 to users × items. Either this or `density`. */
  readonly count?: number | undefined;
  /** An integer from 0 to 2³² − 1. Default 42. */
  readonly seed?: number | undefined;
}

/** Standard deviation of the logarithm of a user's rating count; MovieLens 20M has about 1.2. */
const userSpread = 1.2;

/**
 * Made-up ratings that look like people's: the same for equal options.
 *
 * Rating counts of users are log-normal (at least 1 where there are enough ratings); items fall
 * off as a power law, the n-th most popular as (1 + 100·n/items)⁻². Items belong to genres and
 * every user has three favourite ones, which half of the choices come from, so there is something
 * to learn. Ratings are 1 to 5 in shares of 6, 11, 27, 35 and 21 %; of two such draws the better
 * counts inside a favourite genre. No pair occurs twice.
 *
 * Throws `InvalidOptionError`.
 */
export function syntheticRatings(options: SyntheticOptions): Ratings {
  const { users, items, count, seed } = resolve(options);
  const arena = new Arena();
  const entries = {
    users: arena.uint32(count),
    items: arena.uint32(count),
    ratings: arena.float32(count),
  };
  const counts = userCounts(users, items, count, seed);
  const sampler = new TasteSampler(shapeCatalogue(items, users, seed), users, seed);
  for (let user = 0, at = 0; user < users; user++) {
    const end = at + counts[user]!;
    sampler.sample(user, entries.items.subarray(at, end), entries.ratings.subarray(at, end));
    entries.users.fill(user, at, end);
    at = end;
  }
  return buildRatings({
    arena,
    ...entries,
    userIds: denseIds(users),
    itemIds: denseIds(items),
    duplicates: 'error',
  });
}

/**
 * Log-normal rating counts that add up to `count`. No user rates more than the fraction
 * (1 + density) / 2 of the items; the scale that meets the sum under these limits is bisected.
 */
function userCounts(users: number, items: number, count: number, seed: number): Float64Array {
  const least = count >= users ? 1 : 0;
  const most = Math.ceil((items * (1 + count / (users * items))) / 2);
  const weights = new Float64Array(users);
  for (let user = 0; user < users; user++) {
    weights[user] = Math.exp(userSpread * normalAt(seed, users, user));
  }
  const counts = new Float64Array(users);
  const scaleBy = (scale: number) => {
    let sum = 0;
    for (let user = 0; user < users; user++) {
      counts[user] = Math.min(most, Math.max(least, Math.floor(scale * weights[user]!)));
      sum += counts[user]!;
    }
    return sum;
  };
  let low = 0;
  let high = items;
  while (scaleBy(high) < count) high *= 2;
  for (let step = 0; step < 64; step++) {
    const middle = (low + high) / 2;
    if (scaleBy(middle) <= count) low = middle;
    else high = middle;
  }
  let missing = count - scaleBy(low);
  for (let turn = 0; missing > 0; turn++) {
    // A seeded start, so that the remainder does not always go to the first users.
    const user = (turn + Math.floor(randomAt(seed, users, 2 * users) * users)) % users;
    if (counts[user]! >= most) continue;
    counts[user]!++;
    missing--;
  }
  return counts;
}

const aRowCount = integer(1, 2 ** 31);

const rules: Rules<keyof SyntheticOptions> = {
  users: aRowCount,
  items: aRowCount,
  density: {
    expected: 'a number above 0 and at most 1',
    accepts: (value) => typeof value === 'number' && value > 0 && value <= 1,
  },
  count: aCount,
  seed: aSeed,
};

function resolve(options: SyntheticOptions) {
  checkOptions({ of: 'synthetic' }, options, rules);
  const { users, items, density, seed = 42 } = options;
  checkValue('users', users, aRowCount);
  checkValue('items', items, aRowCount);
  if ((density === undefined) === (options.count === undefined)) {
    const found = density === undefined ? 'neither density nor count' : 'density and count';
    throw new InvalidOptionError('density', `found ${found}; expected one of the two`);
  }
  const count = options.count ?? Math.max(1, Math.round(density! * users * items));
  checkValue('count', count, integer(1, Math.min(users * items, 2 ** 29)));
  return { users, items, count, seed };
}
