import { concatMap, of } from 'rxjs';
import { splitDescribed } from '../../src/io/split-described.js';
import {
  type DescribedRatings,
  type DescribedSplit,
  isDescribed,
} from '../../src/ratings/described-ratings.js';
import type { Ratings, RatingsSplit } from '../../src/ratings/ratings.js';
import { holdOut } from '../../src/ratings/split/hold-out.js';
import type { HoldoutOptions } from '../../src/ratings/split/holdout-options.js';
import type { Stage } from '../stage.js';
import { splitLater } from './split-later.js';

/** What `holdout` makes of a source. */
export type HoldoutOf<In> = [In] extends [DescribedRatings]
  ? DescribedSplit
  : [In] extends [Ratings]
    ? RatingsSplit
    : RatingsSplit | DescribedSplit;

/**
 * Withholds ratings to validate and to evaluate on: a share of each user's at random, each user's
 * last n, n of each user's at random, whole users (with a part that fold-in may see), or all from a
 * date on.
 *
 *     ratings     --r|
 *     holdout()   --s|      s = { train, test } or, with whole users, { train, test, foldIn }
 *
 * Of described ratings (`readBy: 'workers'`) it withholds the same ones, and keeps those of about 50,000
 * users here to measure on. Only `threads()` and `inProcess()` train on such a split.
 *
 * Errors of the source pass through; ratings that cannot be split so, because they lack timestamps
 * or anything to withhold, are an error of the stream. Completes with the source. Unsubscribing
 * leaves the source.
 *
 * Options that are wrong throw `InvalidOptionError` at once.
 */
export function holdout<In extends Ratings | DescribedRatings = Ratings>(
  options: HoldoutOptions = {},
): Stage<'holdout', In, HoldoutOf<In>> {
  const split = holdOut(options);
  const stage = concatMap((input: Ratings | DescribedRatings) =>
    isDescribed(input)
      ? splitLater(async (signal) => [await splitDescribed(input, options, signal)])
      : of(split(input as Ratings)),
  );
  // What comes out follows from what goes in.
  return stage as unknown as Stage<'holdout', In, HoldoutOf<In>>;
}
