import type { RatingRow } from '../ratings/from-rows.js';
import { checkId, type Id, type IdVocabulary } from '../ratings/id-vocabulary.js';
import type {
  FoldedItem,
  FoldedUser,
  FoldInOptions,
  ItemRating,
  UserRating,
} from './folded-row.js';
import type { ModelSide } from './model-side.js';
import { checkIterable } from './new-entries.js';
import { type RawEntry, type RowEntries, resolveFoldIn, rowEntries } from './row-entries.js';
import { solveRow } from './row-solver.js';

/** See `FactorModel.foldInUser`. */
export function foldInUser(
  ratings: Iterable<ItemRating>,
  items: ModelSide,
  options: FoldInOptions,
): FoldedUser {
  checkIterable('ratings', ratings, '{ item, rating? }');
  const entries = entriesOf(ratings, ({ item, rating }) => ({ id: item, rating }), items, options);
  const rated = byId(entries, items.ids, (item, rating) => ({ item, rating }));
  return { side: 'user', ...solveRow(items, entries), ratings: rated };
}

/** See `FactorModel.foldInItem`. */
export function foldInItem(
  ratings: Iterable<UserRating>,
  users: ModelSide,
  options: FoldInOptions,
): FoldedItem {
  checkIterable('ratings', ratings, '{ user, rating? }');
  const entries = entriesOf(ratings, ({ user, rating }) => ({ id: user, rating }), users, options);
  const rated = byId(entries, users.ids, (user, rating) => ({ user, rating }));
  return { side: 'item', ...solveRow(users, entries), ratings: rated };
}

/** Rows by the id of one side, in the order of first appearance. Throws as `fromRatings` does. */
export function rowsById(
  ratings: Iterable<RatingRow>,
  side: 'user' | 'item',
): ReadonlyMap<Id, readonly RatingRow[]> {
  checkIterable('ratings', ratings, '{ user, item, rating? }');
  const rows = new Map<Id, RatingRow[]>();
  let entry = 0;
  for (const row of ratings) {
    const id = row[side];
    const known = rows.get(id);
    if (known !== undefined) {
      known.push(row);
    } else {
      checkId(id, side, entry);
      rows.set(id, [row]);
    }
    entry++;
  }
  return rows;
}

function entriesOf<Row>(
  ratings: Iterable<Row>,
  entryOf: (row: Row) => RawEntry,
  fixed: ModelSide,
  options: FoldInOptions,
): RowEntries {
  const resolved = resolveFoldIn(options);
  const entries = Array.from(ratings, entryOf);
  return rowEntries(entries, fixed.side, fixed.ids, fixed.settings.feedback, resolved);
}

function byId<Row>(
  { positions, ratings }: RowEntries,
  ids: IdVocabulary,
  rowOf: (id: Id, rating: number) => Row,
): Row[] {
  return Array.from(positions, (position, entry) => rowOf(ids.at(position), ratings[entry]!));
}
