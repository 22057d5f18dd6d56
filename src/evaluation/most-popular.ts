import { positionOf } from '../model/position-of.js';
import { type ItemFilter, itemFilter } from '../model/ranking/item-filter.js';
import type { Recommendation, Recommender } from '../model/recommender.js';
import { seenItems, seenRatings } from '../model/seen-ratings.js';
import type { Ratings } from '../ratings/ratings.js';

/**
 * The baseline that any model should beat: every user gets the items with the most ratings, without
 * those that the user rated. The score is the number of ratings; ties are ordered by position.
 *
 * @param train what popularity is counted in
 * @param seen what users rated, with the rows and names of `train`; `foldIn` of a split that has it
 */
export function mostPopular(train: Ratings, seen: Ratings = train): Recommender {
  const { byItem, users, items } = train;
  const ratingCounts = new Float32Array(byItem.rowCount);
  for (let row = 0; row < byItem.rowCount; row++) {
    ratingCounts[items.positions[row]!] = byItem.offsets[row + 1]! - byItem.offsets[row]!;
  }
  // Array sorts are stable, so ties stay in the order of positions.
  const byPopularity = Uint32Array.from(ratingCounts.keys()).sort(
    (a, b) => ratingCounts[b]! - ratingCounts[a]! || a - b,
  );
  const isLeftOut = new Uint8Array(byItem.rowCount);

  const listFor = (user: number, filter: ItemFilter): Recommendation[] => {
    const rated = filter.filterSeen ? seenItems(seenRatings(seen), user) : [];
    const allowed = filter.allow && new Set(filter.allow);
    const list: Recommendation[] = [];
    for (const position of rated) isLeftOut[position] = 1;
    for (const position of filter.deny) isLeftOut[position] = 1;
    for (let i = 0; i < byPopularity.length && list.length < filter.count; i++) {
      const position = byPopularity[i]!;
      if (isLeftOut[position] === 1 || allowed?.has(position) === false) continue;
      list.push({ itemId: items.ids.at(position), score: ratingCounts[position]! });
    }
    for (const position of rated) isLeftOut[position] = 0;
    for (const position of filter.deny) isLeftOut[position] = 0;
    return list;
  };

  return {
    recommend(userId, options = {}) {
      const filter = itemFilter(options, items.ids);
      return listFor(positionOf('user', userId, users.ids), filter);
    },
    *scoreAll(userIds) {
      for (const userId of userIds) {
        positionOf('user', userId, users.ids);
        yield ratingCounts;
      }
    },
  };
}
