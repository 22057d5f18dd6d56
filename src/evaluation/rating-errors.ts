import { InvalidOptionError } from '../errors.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { Ratings } from '../ratings/ratings.js';

/** Errors of predictions d against ratings r; NaN when there are no ratings. */
export interface PredictionErrors {
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
  /** Lowest and highest rating: a prediction beyond counts as the nearer one. Default neither. */
  readonly clip?: readonly [lowest: number, highest: number] | undefined;
}

/**
 * Compares predictions with ratings as they came. Meaningful for explicit feedback; with implicit
 * feedback a prediction aims at the preference, 0 or 1, and not at the rating.
 *
 * Throws `InvalidOptionError`.
 */
export function ratingErrors(
  model: Predictor,
  test: Ratings,
  { clip }: RatingErrorOptions = {},
): PredictionErrors {
  const [lowest, highest] = checkClip(clip);
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

/** The bounds of predictions. Throws `InvalidOptionError` unless they are two ascending numbers. */
export function checkClip(clip: RatingErrorOptions['clip']): readonly [number, number] {
  if (clip === undefined) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const [lowest, highest] = clip;
  const isRange = Number.isFinite(lowest) && Number.isFinite(highest) && lowest < highest;
  if (!Array.isArray(clip) || clip.length !== 2 || !isRange) {
    throw new InvalidOptionError('clip', clip, 'the lowest and the highest rating, such as [1, 5]');
  }
  return [lowest, highest];
}
