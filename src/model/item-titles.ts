import { anIterable, checkValue } from '../check-options.js';
import { describe, InvalidOptionError } from '../errors.js';
import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';
import { positionIfKnown } from './position-of.js';

/** Titles by the id of their item: a `Map`, or pairs as a `Map` is made of. */
export type ItemTitles = Iterable<readonly [itemId: Id, title: string]>;

const someTitles = anIterable('[item id, title] pairs, such as a Map');

/**
 * A copy of titles, of which the last one of an id counts. A lone surrogate, which no file can hold,
 * becomes U+FFFD. Throws `InvalidOptionError`.
 */
export function copyTitles(titles: ItemTitles): ReadonlyMap<Id, string> {
  checkValue('titles', titles, someTitles);
  const copy = new Map<Id, string>();
  for (const pair of titles) {
    if (!Array.isArray(pair)) throw new InvalidOptionError('titles', pair, someTitles.expected);
    const [itemId, title] = pair as readonly [Id, unknown];
    if (typeof title !== 'string') {
      throw new InvalidOptionError(
        'titles',
        `found title ${describe(title)} of item ${describe(itemId)}; expected a string`,
      );
    }
    copy.set(itemId, title.replace(/\p{Surrogate}/gu, '\ufffd'));
  }
  return copy;
}

/**
 * The titles of these items, in their order. Titles of other items are ignored, because a catalogue
 * has more items than were rated. Throws `InvalidIdError` for what is no id, and `UnknownIdError`
 * for one that differs from a known one in its type only.
 */
export function titlesOf(
  items: IdVocabulary,
  titles: ReadonlyMap<Id, string>,
): ReadonlyMap<Id, string> {
  for (const itemId of titles.keys()) positionIfKnown('item', itemId, items);
  const known = new Map<Id, string>();
  for (let position = 0; position < items.size && known.size < titles.size; position++) {
    const itemId = items.at(position);
    const title = titles.get(itemId);
    if (title !== undefined) known.set(itemId, title);
  }
  return known;
}
