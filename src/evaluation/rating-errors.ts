import { checkOptions, checkValue, type Rule, type Rules } from '../check-options.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { Ratings } from '../ratings/ratings.js';
import { someRatings } from '../ratings/some-ratings.js';

/** Errors of predictions d against ratings r; NaN when there are no ratings. */
export interface RatingErrors {
  /** Ratings compared. */
  readonly count: number;
  /** √(Σ (r − d)² / count). */
  readonly rmse: number;
  /** Σ |r − d| / count. */
  readonly mae: number;
}

/** Anything that predicts a rating. */
export interface Predictor {
  /** The prediction d of a rating, in its unit. */
  predict(userId: Id, itemId: Id): number;
}

/** How predictions are compared with ratings. */
export interface RatingErrorOptions {
  /**
   * Lowest and highest rating: a prediction outside counts as the nearer one. Default: no limits.
   */
  readonly clip?: readonly [lowest: number, highest: number] | undefined;
}

const aRange: Rule = {
  expected: 'the lowest and the highest rating, such as [1, 5]',
  accepts: (clip) =>
    Array.isArray(clip) && clip.length === 2 && clip.every(Number.isFinite) && clip[0] < clip[1],
};

const aPredictor: Rule = {
  expected: 'a model, or anything else with predict(userId, itemId)',
  accepts: (value) => typeof (value as Partial<Predictor> | null)?.predict === 'function',
};

/** What each option of a comparison must be. */
export const ratingErrorRules: Rules<keyof RatingErrorOptions> = { clip: aRange };

/**
 * Compares predictions with ratings as they came. Meaningful for explicit feedback; with implicit
 * feedback a prediction aims at the preference, 0 or 1, and not at the rating.
 *
 * Throws `InvalidOptionError`.
 */
export function ratingErrors(
  model: Predictor,
  test: Ratings,
  options: RatingErrorOptions = {},
): RatingErrors {
  checkOptions({ of: 'ratingErrors' }, options, ratingErrorRules);
  checkValue('model', model, aPredictor);
  checkValue('test', test, someRatings);
  const { clip = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] } = options;
  const [lowest, highest] = clip;
  const { byUser, users, items } = test;
  let squared = 0;
  let absolute = 0;
  for (let row = 0; row < byUser.rowCount; row++) {
    const userId = users.ids.at(users.positions[row]!);
    for (let at = byUser.offsets[row]!; at < byUser.offsets[row + 1]!; at++) {
      const itemId = items.ids.at(items.positions[byUser.columns[at]!]!);
      const predicted = Math.min(highest, Math.max(lowest, model.predict(userId, itemId)));
      const error = byUser.ratings[at]! - predicted;
      squared += error * error;
      absolute += Math.abs(error);
    }
  }
  const count = byUser.columns.length;
  return { count, rmse: Math.sqrt(squared / count), mae: absolute / count };
}
