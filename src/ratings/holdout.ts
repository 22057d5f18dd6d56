import { InvalidOptionError } from '../errors.js';
import { randomAt } from '../random.js';
import type { Ratings, RatingsSplit } from './ratings.js';
import { takeEntries } from './split/take-entries.js';

export interface HoldoutOptions {
  /** Share of each user's ratings to withhold, 0 < fraction < 1. Default 0.1. */
  readonly fraction?: number | undefined;
  /** An integer from 0 to 2³² − 1. Default 42. */
  readonly seed?: number | undefined;
}

/**
 * Withholds round(n · fraction) of each user's n ratings at random, never all of them.
 *
 * Which ones depends on the seed and the positions of user and item, not on the numbering inside.
 * Both halves keep the rows and names of `ratings` and lie in the same arena: 16 bytes a rating
 * beside the 16 of the source.
 *
 * Throws `InvalidOptionError`, also when the fraction is too small to withhold anything.
 */
export function splitByFraction(ratings: Ratings, options: HoldoutOptions = {}): RatingsSplit {
  const { fraction = 0.1, seed = 42 } = options;
  if (!(typeof fraction === 'number' && fraction > 0 && fraction < 1)) {
    throw new InvalidOptionError('fraction', fraction, 'a number between 0 and 1, both excluded');
  }
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    throw new InvalidOptionError('seed', seed, 'an integer from 0 to 4294967295');
  }
  const withheld = chooseWithheld(ratings, fraction, seed);
  if (!withheld.includes(1)) {
    throw new InvalidOptionError(
      'fraction',
      fraction,
      'a share that rounds to a rating for at least one user; try a larger one',
    );
  }
  return { train: takeEntries(ratings, withheld, 0), test: takeEntries(ratings, withheld, 1) };
}

/** 1 for every entry of `byUser` that goes to the test half: the smallest hashes of each user. */
function chooseWithheld(ratings: Ratings, fraction: number, seed: number): Uint8Array {
  const { byUser, users, items } = ratings;
  const withheld = new Uint8Array(byUser.columns.length);
  for (let row = 0; row < byUser.rowCount; row++) {
    const start = byUser.offsets[row]!;
    const count = byUser.offsets[row + 1]! - start;
    let left = Math.min(Math.round(count * fraction), count - 1);
    if (left <= 0) continue;
    const user = users.positions[row]!;
    const keys = new Float64Array(count);
    for (let at = 0; at < count; at++) {
      const item = items.positions[byUser.columns[start + at]!]!;
      // Two words, so that equal keys are out of the question.
      keys[at] = randomAt(seed, user, 2 * item) + randomAt(seed, user, 2 * item + 1) / 2 ** 32;
    }
    const threshold = keys.slice().sort()[left - 1]!;
    for (let at = 0; at < count && left > 0; at++) {
      if (keys[at]! > threshold) continue;
      withheld[start + at] = 1;
      left--;
    }
  }
  return withheld;
}
