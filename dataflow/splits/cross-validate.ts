import { concatMap, from } from 'rxjs';
import { aSeed, checkOptions, checkValue, integer } from '../../src/check-options.js';
import { foldDescribed } from '../../src/io/split-described.js';
import { type DescribedRatings, isDescribed } from '../../src/ratings/described-ratings.js';
import type { Ratings } from '../../src/ratings/ratings.js';
import { foldsOf } from '../../src/ratings/split/folds.js';
import type { Stage } from '../stage.js';
import type { HoldoutOf } from './holdout.js';
import { splitLater } from './split-later.js';

/**
 * Splits ratings `k` ways, so that every rating is withheld exactly once.
 *
 *     ratings            --r|
 *     crossValidate(3)   --(sss)|      s = { train, test }
 *
 * A fold takes no time and memory until it is read, and is garbage when nothing refers to it any
 * more: `crossValidate(5), train(…)` has one fold at a time.
 *
 * Described ratings (`readBy: 'workers'`) are split so in one pass, and all folds keep what `holdout` keeps
 * of one.
 *
 * Errors of the source pass through; fewer ratings than folds are an error of the stream. Completes
 * with the source. Unsubscribing leaves the source and makes no further fold.
 *
 * Throws `InvalidOptionError` at once for a wrong `k` or seed.
 *
 * @param k number of folds, 2 to 255
 */
export function crossValidate<In extends Ratings | DescribedRatings = Ratings>(
  k = 5,
  options: { readonly seed?: number | undefined } = {},
): Stage<'crossValidate', In, HoldoutOf<In>> {
  checkValue('k', k, integer(2, 255));
  checkOptions({ of: 'crossValidate' }, options, { seed: aSeed });
  const { seed = 42 } = options;
  const stage = concatMap((input: Ratings | DescribedRatings) =>
    isDescribed(input)
      ? splitLater((signal) => foldDescribed(input, k, seed, signal))
      : from(foldsOf(input as Ratings, k, seed)),
  );
  // What comes out follows from what goes in.
  return stage as unknown as Stage<'crossValidate', In, HoldoutOf<In>>;
}
