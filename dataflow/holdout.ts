import { map, type OperatorFunction } from 'rxjs';
import { type HoldoutOptions, splitByFraction } from '../src/ratings/holdout.js';
import type { Ratings, RatingsSplit } from '../src/ratings/ratings.js';

/**
 * Withholds a share of each user's ratings at random, to validate and to evaluate on.
 *
 *     ratings     --r|
 *     holdout()   --s|      s = { train, test }
 *
 * Errors of the source pass through; a wrong option is an error of the stream. Completes with the
 * source.
 */
export function holdout(options: HoldoutOptions = {}): OperatorFunction<Ratings, RatingsSplit> {
  return map((ratings) => splitByFraction(ratings, options));
}
