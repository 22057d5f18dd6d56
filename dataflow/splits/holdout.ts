import { map } from 'rxjs';
import type { Ratings, RatingsSplit } from '../../src/ratings/ratings.js';
import { holdOut } from '../../src/ratings/split/hold-out.js';
import type { HoldoutOptions } from '../../src/ratings/split/holdout-options.js';
import type { Stage } from '../stage.js';

/**
 * Withholds ratings to validate and to evaluate on: a share of each user's at random, each user's
 * last n, n of each user's at random, whole users (with a part that fold-in may see), or all from a
 * date on.
 *
 *     ratings     --r|
 *     holdout()   --s|      s = { train, test } or, with whole users, { train, test, foldIn }
 *
 * Errors of the source pass through; ratings that cannot be split so, because they lack timestamps
 * or anything to withhold, are an error of the stream. Completes with the source. Unsubscribing
 * leaves the source.
 *
 * Options that are wrong throw `InvalidOptionError` at once.
 */
export function holdout(options: HoldoutOptions = {}): Stage<'holdout', Ratings, RatingsSplit> {
  return map(holdOut(options));
}
