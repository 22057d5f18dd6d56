import type { FactorModel } from '../model/factor-model.js';
import { seenItems } from '../model/seen-ratings.js';
import type { Id } from '../ratings/id-vocabulary.js';
import { asFigure } from './figures.js';
import type { TitledList } from './tables.js';
import type { Titles } from './titles.js';

/** How many lines a list of the showcase has. */
const length = 5;

/** Lists of the model for one user and one item, both chosen by a rule and not by the result. */
export interface Showcase {
  /** Undefined for a model that does not hold what users rated. */
  readonly user?: {
    readonly id: Id;
    /** What the user liked beside what the model recommends. */
    readonly lists: readonly [liked: TitledList, recommended: TitledList];
  };
  readonly itemId: Id;
  readonly similar: TitledList;
}

/** A showcase of the user with the median number of ratings and of the item with the most. */
export function showcase(model: FactorModel, titles: Titles): Showcase {
  const popularity = itemPopularity(model);
  const item = popularity.indexOf(Math.max(...popularity));
  const itemId = model.itemIds[item]!;
  const scored = (list: readonly { readonly itemId: Id; readonly score: number }[]) =>
    list.map(({ itemId, score }) => ({ figure: asFigure(score), title: titles.of(itemId) }));
  const ofUser = (user: number): NonNullable<Showcase['user']> => {
    const id = model.userIds[user]!;
    return {
      id,
      lists: [
        { heading: `user ${id} liked`, lines: favourites(model, user, popularity, titles) },
        { heading: 'seesaw recommends', lines: scored(model.recommend(id, { count: length })) },
      ],
    };
  };
  return {
    ...(model.hasSeen && { user: ofUser(medianUser(model)) }),
    itemId,
    similar: {
      heading: `most similar to ${titles.of(itemId)}`,
      lines: scored(model.similarItems(itemId, { count: length })),
    },
  };
}

/**
 * Number of ratings of every item, by position; if only workers know it, falling numbers in the
 * same order.
 */
export function itemPopularity(model: FactorModel): Uint32Array {
  const { length } = model.itemIds;
  // Ratings from files list items by falling count.
  if (!model.hasSeen) return Uint32Array.from({ length }, (_, position) => length - position);
  const counts = new Uint32Array(length);
  for (const item of model.seen.items) counts[item]!++;
  return counts;
}

/** The user in the middle of the order by rating count. */
function medianUser({ seen, userIds }: FactorModel): number {
  const count = (user: number) => seen.offsets[user + 1]! - seen.offsets[user]!;
  const byCount = userIds.map((_, user) => user).sort((a, b) => count(a) - count(b) || a - b);
  return byCount[byCount.length >> 1]!;
}

/** The user's highest ratings; among equal ones the most popular items, which readers know best. */
function favourites(
  { seen, itemIds }: FactorModel,
  user: number,
  popularity: Uint32Array,
  titles: Titles,
): TitledList['lines'] {
  const start = seen.offsets[user]!;
  return Array.from(seenItems(seen, user), (item, i) => ({
    item,
    rating: seen.ratings[start + i]!,
  }))
    .sort((a, b) => b.rating - a.rating || popularity[b.item]! - popularity[a.item]!)
    .slice(0, length)
    .map(({ item, rating }) => ({ figure: shortRating(rating), title: titles.of(itemIds[item]!) }));
}

function shortRating(rating: number): string {
  return rating.toLocaleString('en', { maximumFractionDigits: 1 });
}
