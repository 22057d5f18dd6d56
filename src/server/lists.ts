import { UnknownIdError } from '../errors.js';
import type { ItemRating } from '../model/folded-row.js';
import type { Recommendation } from '../model/recommender.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { ItemDetails } from './catalogue.js';
import type { Generation, KnownUser } from './generation.js';
import { type Plan, ready } from './plan.js';
import { idForText, idOfText, plainId } from './text-ids.js';

/** What a list may hold, with ids as text. */
export interface ListQuery {
  readonly count: number;
  /** So many items are left out at the beginning. */
  readonly offset: number;
  readonly exclude: readonly string[];
  readonly deny: readonly string[];
  /** Undefined: all. */
  readonly allow: readonly string[] | undefined;
  /** Items of any of these; undefined: all. */
  readonly category: readonly string[] | undefined;
  readonly minScore: number | undefined;
  readonly filterSeen: boolean;
  /** What an unknown user gets; undefined: an error. */
  readonly fallback: 'popular' | undefined;
}

/** An item of an answer. */
export interface ServedItem extends Omit<ItemDetails, 'itemId'> {
  readonly itemId: string | number;
  readonly score: number;
}

/** A list, and where it is from. */
export interface ServedList {
  readonly items: readonly ServedItem[];
  /** `model`: a row of the training; `interactions`: solved again; `popular`: the user is unknown. */
  readonly source: 'model' | 'interactions' | 'popular';
}

/**
 * The list of a user who is known or has interactions, else by `fallback`. Throws `UnknownIdError`.
 *
 * @param shown items that count as seen
 */
export function listForUser(
  generation: Generation,
  user: string,
  query: ListQuery,
  shown: readonly string[],
): Plan<ServedList> {
  const known = generation.userOf(user);
  const recently = query.filterSeen ? shown : [];
  if (known === undefined) {
    if (query.fallback === undefined) throw unknownUser(generation, user);
    return ready(popularList(generation, query, recently));
  }
  return rankedList(generation, known, query, recently, user);
}

/** The list of someone whose interactions are given; nothing is kept. */
export function listForInteractions(
  generation: Generation,
  interactions: readonly ItemRating[],
  query: ListQuery,
): Plan<ServedList & { readonly unknownItems: number }> {
  const items = generation.model.idsOf('item');
  const known = interactions.flatMap(({ item, rating }) => {
    const id = idOfText(String(item), items);
    return id === undefined ? [] : [{ item: id, rating }];
  });
  const unknownItems = interactions.length - known.length;
  if (known.length === 0 && query.fallback === 'popular') {
    return ready({ ...popularList(generation, query, []), unknownItems });
  }
  const user = generation.model.foldInUser(known);
  const { request, finish } = rankedList(generation, user, query, []);
  return { request, finish: (list) => ({ ...finish(list), unknownItems }) };
}

/** The items with the most ratings. Throws `MissingRatingsError`. */
export function popularList(
  generation: Generation,
  query: ListQuery,
  shown: readonly string[],
): ServedList {
  const { ratingCounts, byPopularity, model } = generation;
  const ids = model.idsOf('item');
  const { allow, deny } = filters(generation, query, shown);
  const allowed = allow && new Set(allow);
  const denied = new Set(deny);
  const list: Recommendation[] = [];
  for (const position of byPopularity) {
    if (list.length === query.offset + query.count) break;
    const itemId = ids.at(position);
    if (denied.has(itemId) || allowed?.has(itemId) === false) continue;
    list.push({ itemId, score: ratingCounts[position]! });
  }
  return { items: served(generation, list, query), source: 'popular' };
}

/** Items like one item. Throws `UnknownIdError`. */
export function similarList(generation: Generation, item: string, count: number): ServedItem[] {
  const id = idForText(item, generation.model.idsOf('item'));
  return generation.model.similarItems(id, { count }).map((each) => withDetails(generation, each));
}

/** The ratings that speak for an item. Throws `UnknownIdError` or `MissingRatingsError`. */
export function explanationOf(generation: Generation, user: string, item: string, count: number) {
  const { model, catalogue } = generation;
  const known = generation.userOf(user);
  if (known === undefined) throw unknownUser(generation, user);
  const itemId = idForText(item, model.idsOf('item'));
  const { contributions, ...sums } = model.explain(known, itemId, { count });
  return {
    ...sums,
    itemId: plainId(itemId),
    ...catalogue.of(itemId),
    contributions: contributions.map((each) => ({
      ...each,
      itemId: plainId(each.itemId),
      ...catalogue.of(each.itemId),
    })),
  };
}

function rankedList(
  generation: Generation,
  user: KnownUser,
  query: ListQuery,
  shown: readonly string[],
  userText?: string,
): Plan<ServedList> {
  const { model } = generation;
  const { allow, deny } = filters(generation, query, shown);
  const isStored = typeof user !== 'object';
  // A model that does not hold what its users rated knows at least what they did since.
  const isBlind = isStored && !model.hasSeen;
  if (isBlind && query.filterSeen && userText !== undefined) {
    deny.push(...generation.interactedItems(userText));
  }
  const options = {
    count: query.offset + query.count,
    filterSeen: query.filterSeen && !isBlind,
    ...(allow && { allow }),
    deny,
  };
  const source = isStored ? 'model' : 'interactions';
  return {
    request: { user, options },
    finish: (list) => ({ items: served(generation, list, query), source }),
  };
}

function filters(generation: Generation, query: ListQuery, shown: readonly string[]) {
  const items = generation.model.idsOf('item');
  const known = (texts: readonly string[]): Id[] =>
    texts.map((text) => idOfText(text, items)).filter((id) => id !== undefined);
  const members = query.category && generation.catalogue.itemsOf(query.category);
  const allowed = query.allow && known(query.allow);
  const isMember = new Set(allowed && members);
  const allow =
    allowed && members ? allowed.filter((id) => isMember.has(id)) : (allowed ?? members);
  return { allow, deny: [...known(query.exclude), ...known(query.deny), ...known(shown)] };
}

function served(
  generation: Generation,
  list: readonly Recommendation[],
  { offset, minScore = Number.NEGATIVE_INFINITY }: ListQuery,
): ServedItem[] {
  return list
    .slice(offset)
    .filter(({ score }) => score >= minScore)
    .map((item) => withDetails(generation, item));
}

function withDetails({ catalogue }: Generation, { itemId, score }: Recommendation): ServedItem {
  return { itemId: plainId(itemId), score, ...catalogue.of(itemId) };
}

/** Without examples of known ids: the ids of users are private. */
function unknownUser({ model }: Generation, user: string): UnknownIdError {
  const known = `${model.idsOf('user').size} users of the training, or one with interactions`;
  return new UnknownIdError('user', user, known);
}
