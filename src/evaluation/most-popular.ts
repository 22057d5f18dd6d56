import { bestItems, itemFilter } from '../model/item-filter.js';
import { positionOf } from '../model/position-of.js';
import type { Recommender } from '../model/recommender.js';
import { seenItems, seenRatings } from '../model/seen-ratings.js';
import type { Ratings } from '../ratings/ratings.js';

/**
 * The baseline that any model should beat: everyone gets the items with the most ratings, without
 * those they rated. The score is the number of ratings.
 */
export function mostPopular(train: Ratings): Recommender {
  const { byItem, users, items } = train;
  const ratingCounts = new Float32Array(byItem.rowCount);
  for (let row = 0; row < byItem.rowCount; row++) {
    ratingCounts[items.positions[row]!] = byItem.offsets[row + 1]! - byItem.offsets[row]!;
  }
  return {
    recommend(userId, options = {}) {
      const filter = itemFilter(options, items.ids);
      const user = positionOf('user', userId, users.ids);
      const seen = filter.filterSeen ? seenItems(seenRatings(train), user) : [];
      return bestItems(ratingCounts.slice(), items.ids, seen, filter);
    },
  };
}
