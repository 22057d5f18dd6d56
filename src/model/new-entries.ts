import { InvalidOptionError } from '../errors.js';
import type { RatingRow } from '../ratings/from-rows.js';
import { appendedIds, checkId, type Id, type IdVocabulary } from '../ratings/id-vocabulary.js';
import type { Side } from '../ratings/ratings.js';
import { checkedRating } from './row-entries.js';

/** Ratings that come to a model, by position in its ids and those that they bring. */
export interface NewEntries {
  readonly users: readonly number[];
  readonly items: readonly number[];
  readonly ratings: readonly number[];
  /** The model's ids, then new ones in the order of their first appearance. */
  readonly userIds: IdVocabulary;
  readonly itemIds: IdVocabulary;
}

/** Throws `InvalidOptionError`, `InvalidIdError` or `InvalidRatingError`. */
export function readNewEntries(
  rows: Iterable<RatingRow>,
  known: { readonly users: IdVocabulary; readonly items: IdVocabulary },
  feedback: 'implicit' | 'explicit',
): NewEntries {
  checkIterable('ratings', rows, '{ user, item, rating? }');
  const newUsers = new Map<Id, number>();
  const newItems = new Map<Id, number>();
  const users: number[] = [];
  const items: number[] = [];
  const ratings: number[] = [];
  for (const row of rows) {
    ratings.push(checkedRating(row.rating, feedback, ratings.length));
    users.push(place(row.user, known.users, newUsers, 'user', users.length));
    items.push(place(row.item, known.items, newItems, 'item', items.length));
  }
  return {
    users,
    items,
    ratings,
    userIds: appendedIds(known.users, [...newUsers.keys()]),
    itemIds: appendedIds(known.items, [...newItems.keys()]),
  };
}

/** Throws `InvalidOptionError`; a string is an iterable of characters, which nobody means. */
export function checkIterable(option: string, rows: unknown, of: string): void {
  if (typeof (rows as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === 'function') {
    if (typeof rows !== 'string') return;
  }
  throw new InvalidOptionError(option, rows, `an iterable of ${of}`);
}

function place(
  id: Id,
  known: IdVocabulary,
  added: Map<Id, number>,
  side: Side,
  entry: number,
): number {
  const position = known.positionOf(id) ?? added.get(id);
  if (position !== undefined) return position;
  checkId(id, side, entry);
  added.set(id, known.size + added.size);
  return known.size + added.size - 1;
}
