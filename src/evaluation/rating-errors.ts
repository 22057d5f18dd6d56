import type { Id } from '../ratings/id-vocabulary.js';
import type { Ratings } from '../ratings/ratings.js';

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
  predict(userId: Id, itemId: Id): number;
}

/**
 * Compares predictions with ratings as they came. Meaningful for explicit feedback; with implicit
 * feedback a prediction aims at the preference, 0 or 1, and not at the rating.
 */
export function ratingErrors(model: Predictor, test: Ratings): RatingErrors {
  const { byUser, users, items } = test;
  let squared = 0;
  let absolute = 0;
  for (let row = 0; row < byUser.rowCount; row++) {
    const userId = users.ids.at(users.positions[row]!);
    for (let at = byUser.offsets[row]!; at < byUser.offsets[row + 1]!; at++) {
      const itemId = items.ids.at(items.positions[byUser.columns[at]!]!);
      const error = byUser.ratings[at]! - model.predict(userId, itemId);
      squared += error * error;
      absolute += Math.abs(error);
    }
  }
  const count = byUser.columns.length;
  return { count, rmse: Math.sqrt(squared / count), mae: absolute / count };
}
