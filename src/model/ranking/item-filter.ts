import { aCount, anIterable, checkOptions, type Rules, trueOrFalse } from '../../check-options.js';
import type { Id, IdVocabulary } from '../../ratings/id-vocabulary.js';
import { positionIfKnown } from '../position-of.js';
import type { RecommendAllOptions, Recommendation, RecommendOptions } from '../recommender.js';
import { ItemSet, type Positions } from './item-set.js';
import { topItems } from './top-items.js';

/** `RecommendOptions` checked, with defaults filled in and ids turned into positions. */
export interface ItemFilter {
  readonly count: number;
  readonly filterSeen: boolean;
  readonly allow: Positions | undefined;
  readonly deny: Positions;
}

const recommendRules: Rules<keyof RecommendOptions> = {
  count: aCount,
  filterSeen: trueOrFalse,
  allow: anIterable('item ids'),
  deny: anIterable('item ids'),
};

/** What each option of `recommendAll` must be. */
export const recommendAllRules: Rules<keyof RecommendAllOptions> = {
  ...recommendRules,
  users: anIterable('user ids'),
};

/** Of each method that takes a filter. */
const rulesOf = { recommend: recommendRules, recommendAll: recommendAllRules };

/**
 * Reads `allow` and `deny` once, so they may be generators.
 * Throws `InvalidOptionError`, `InvalidIdError` or, for an id of the wrong type, `UnknownIdError`.
 */
export function itemFilter(
  options: RecommendOptions,
  items: IdVocabulary,
  of: keyof typeof rulesOf = 'recommend',
): ItemFilter {
  checkOptions({ of }, options, rulesOf[of]);
  const { count = 10, filterSeen = true, allow, deny } = options;
  return {
    count,
    filterSeen,
    allow: allow && positionsOf(allow, items),
    deny: deny === undefined ? [] : positionsOf(deny, items),
  };
}

/**
 * The best items that pass the filter.
 *
 * @param scores one an item position; overwritten
 * @param seen item positions left out, empty when the filter keeps them
 */
export function bestItems(
  scores: Float32Array,
  items: IdVocabulary,
  seen: Uint32Array | readonly number[],
  filter: ItemFilter,
): Recommendation[] {
  if (filter.allow !== undefined) keepOnly(filter.allow, scores);
  for (const position of filter.deny) scores[position] = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < seen.length; i++) scores[seen[i]!] = Number.NEGATIVE_INFINITY;
  return topItems(scores, filter.count).map((position) => ({
    itemId: items.at(position),
    score: scores[position]!,
  }));
}

function keepOnly(positions: Positions, scores: Float32Array): void {
  const kept = Float32Array.from(positions, (position) => scores[position]!);
  scores.fill(Number.NEGATIVE_INFINITY);
  for (const [i, position] of positions.entries()) scores[position] = kept[i]!;
}

/** Positions of the ids that are known. Throws `InvalidIdError` or `UnknownIdError`. */
export function positionsOf(ids: Iterable<Id>, items: IdVocabulary): Positions {
  if (ids instanceof ItemSet && ids.isOf(items)) return ids.positions;
  const positions: number[] = [];
  for (const id of ids) {
    const position = positionIfKnown('item', id, items);
    if (position !== undefined) positions.push(position);
  }
  return positions;
}
