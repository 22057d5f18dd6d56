import { checkIterable } from '../check-options.js';
import { checkRow } from '../ratings/check-entry.js';
import type { RatingRow } from '../ratings/from-rows.js';
import { refuseTwin } from '../ratings/id-twin.js';
import { appendedIds, checkId, type Id, type IdVocabulary } from '../ratings/id-vocabulary.js';
import type { Side } from '../ratings/ratings.js';
import { checkedRating, checkNotTimes } from './row-entries.js';

/** New ratings of a model, by position in its ids and the new ids. */
export interface NewEntries {
  readonly users: readonly number[];
  readonly items: readonly number[];
  readonly ratings: readonly number[];
  /** The model's ids, then new ones in the order of their first appearance. */
  readonly userIds: IdVocabulary;
  readonly itemIds: IdVocabulary;
}

const rowShape = '{ user, item, rating? }';

/**
 * Throws `InvalidOptionError`, `InvalidRatingError` or `InvalidIdError`, also for a new id that differs
 * from a known one in its type only.
 */
export function readNewEntries(
  rows: Iterable<RatingRow>,
  known: { readonly users: IdVocabulary; readonly items: IdVocabulary },
  feedback: 'implicit' | 'explicit',
): NewEntries {
  checkIterable('ratings', rows, rowShape);
  const newUsers = new Map<Id, number>();
  const newItems = new Map<Id, number>();
  const users: number[] = [];
  const items: number[] = [];
  const ratings: number[] = [];
  for (const row of rows) {
    checkRow(row, ratings.length, rowShape);
    ratings.push(checkedRating(row.rating, feedback, ratings.length));
    users.push(place(row.user, known.users, newUsers, 'user', users.length));
    items.push(place(row.item, known.items, newItems, 'item', items.length));
  }
  checkNotTimes(ratings);
  return {
    users,
    items,
    ratings,
    userIds: appendedIds(known.users, [...newUsers.keys()]),
    itemIds: appendedIds(known.items, [...newItems.keys()]),
  };
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
  refuseTwin(side, id, known, `at entry ${entry}`);
  added.set(id, known.size + added.size);
  return known.size + added.size - 1;
}
