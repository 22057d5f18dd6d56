import { concatMap } from 'rxjs';
import { aSeed, checkOptions, checkValue, integer } from '../../src/check-options.js';
import type { Ratings, RatingsSplit } from '../../src/ratings/ratings.js';
import { foldsOf } from '../../src/ratings/split/folds.js';
import type { Stage } from '../stage.js';

/**
 * Splits ratings `k` ways, so that every rating is withheld exactly once.
 *
 *     ratings            --r|
 *     crossValidate(3)   --(sss)|      s = { train, test }
 *
 * A fold takes no time and memory until it is read, and is garbage when nothing refers to it any
 * more: `crossValidate(5), train(…)` has one fold at a time.
 *
 * Errors of the source pass through; fewer ratings than folds are an error of the stream. Completes
 * with the source. Unsubscribing leaves the source and makes no further fold.
 *
 * Throws `InvalidOptionError` at once for a wrong `k` or seed.
 *
 * @param k number of folds, 2 to 255
 */
export function crossValidate(
  k = 5,
  options: { readonly seed?: number | undefined } = {},
): Stage<'crossValidate', Ratings, RatingsSplit> {
  checkValue('k', k, integer(2, 255));
  checkOptions({ of: 'crossValidate' }, options, { seed: aSeed });
  const { seed = 42 } = options;
  return concatMap((ratings) => foldsOf(ratings, k, seed));
}
