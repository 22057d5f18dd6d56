import { InvalidOptionError } from '../errors.js';
import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';
import type { Recommendation, RecommendOptions } from './recommender.js';
import { topItems } from './top-items.js';

/** `RecommendOptions` checked, with defaults filled in and ids turned into positions. */
export interface ItemFilter {
  readonly count: number;
  readonly filterSeen: boolean;
  readonly allow: readonly number[] | undefined;
  readonly deny: readonly number[];
}

/** Throws `InvalidOptionError`. Reads `allow` and `deny` once, so they may be generators. */
export function itemFilter(options: RecommendOptions, items: IdVocabulary): ItemFilter {
  const { count = 10, filterSeen = true, allow, deny } = options;
  checkCount('count', count);
  if (typeof filterSeen !== 'boolean') {
    throw new InvalidOptionError('filterSeen', filterSeen, 'true or false');
  }
  return {
    count,
    filterSeen,
    allow: allow === undefined ? undefined : positionsOf('allow', allow, items),
    deny: deny === undefined ? [] : positionsOf('deny', deny, items),
  };
}

/** Throws `InvalidOptionError` unless `count` is an integer ≥ 1. */
export function checkCount(option: string, count: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidOptionError(option, count, 'an integer ≥ 1');
  }
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

function keepOnly(positions: readonly number[], scores: Float32Array): void {
  const kept = positions.map((position) => scores[position]!);
  scores.fill(Number.NEGATIVE_INFINITY);
  for (const [i, position] of positions.entries()) scores[position] = kept[i]!;
}

function positionsOf(option: string, ids: Iterable<Id>, items: IdVocabulary): number[] {
  // A string is an iterable of characters, which nobody means.
  if (typeof ids === 'string' || typeof ids?.[Symbol.iterator] !== 'function') {
    throw new InvalidOptionError(option, ids, 'an iterable of item ids');
  }
  const positions: number[] = [];
  for (const id of ids) {
    const position = items.positionOf(id);
    if (position !== undefined) positions.push(position);
  }
  return positions;
}
