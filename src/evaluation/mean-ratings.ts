import { positionOf } from '../model/position-of.js';
import { type DescribedRatings, isDescribed } from '../ratings/described-ratings.js';
import type { Ratings } from '../ratings/ratings.js';
import type { Predictor } from './rating-errors.js';

/** Predicts the mean of all training ratings for every cell; NaN without ratings. */
export function globalMeanBaseline(train: Ratings | DescribedRatings): Predictor {
  if (isDescribed(train)) return { predict: () => train.described.mean };
  const { byUser } = train;
  const mean = byUser.ratings.reduce((sum, rating) => sum + rating, 0) / byUser.ratings.length;
  return { predict: () => mean };
}

/** Predicts the mean of an item's training ratings; that of all where an item has none. */
export function itemMeans(train: Ratings | DescribedRatings): Predictor {
  const { byItem, items } = train;
  const means = new Float64Array(byItem.rowCount);
  const ofAll = globalMeanBaseline(train).predict(0, 0);
  for (let row = 0; row < byItem.rowCount; row++) {
    const [start, end] = [byItem.offsets[row]!, byItem.offsets[row + 1]!];
    const sum = isDescribed(train)
      ? train.described.itemSums[row]!
      : train.byItem.ratings.subarray(start, end).reduce((sum, rating) => sum + rating, 0);
    means[items.positions[row]!] = start === end ? ofAll : sum / (end - start);
  }
  return { predict: (_userId, itemId) => means[positionOf('item', itemId, items.ids)]! };
}
