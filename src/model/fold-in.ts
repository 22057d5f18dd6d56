import { checkIterable } from '../check-options.js';
import { checkRow } from '../ratings/check-entry.js';
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
import { checkFoldIn, type RawEntry, type RowEntries, rowEntries } from './row-entries.js';
import { solveRow } from './row-solver.js';

/** See `FactorModel.foldInUser`. */
export function foldInUser(
  ratings: Iterable<ItemRating>,
  items: ModelSide,
  options: FoldInOptions,
): FoldedUser {
  const shape = '{ item, rating? }';
  checkFoldIn('foldInUser', options);
  checkIterable('ratings', ratings, shape);
  const entryOf = ({ item, rating }: ItemRating) => ({ id: item, rating });
  const entries = entriesOf(checkedRows(ratings, shape), entryOf, items, options);
  const rated = byId(entries, items.ids, (item, rating) => ({ item, rating }));
  return { side: 'user', ...solveRow(items, entries), ratings: rated };
}

/** See `FactorModel.foldInItem`. */
export function foldInItem(
  ratings: Iterable<UserRating>,
  users: ModelSide,
  options: FoldInOptions,
): FoldedItem {
  const shape = '{ user, rating? }';
  checkFoldIn('foldInItem', options);
  checkIterable('ratings', ratings, shape);
  const entryOf = ({ user, rating }: UserRating) => ({ id: user, rating });
  const entries = entriesOf(checkedRows(ratings, shape), entryOf, users, options);
  const rated = byId(entries, users.ids, (user, rating) => ({ user, rating }));
  return { side: 'item', ...solveRow(users, entries), ratings: rated };
}

/** Rows by the id of one side, in the order of first appearance. Throws as `fromRatings` does. */
export function rowsById(
  ratings: Iterable<RatingRow>,
  side: 'user' | 'item',
): ReadonlyMap<Id, readonly RatingRow[]> {
  const shape = '{ user, item, rating? }';
  checkIterable('ratings', ratings, shape);
  const rows = new Map<Id, RatingRow[]>();
  let entry = 0;
  for (const row of checkedRows(ratings, shape)) {
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

function* checkedRows<Row>(rows: Iterable<Row>, shape: string): Generator<Row> {
  let entry = 0;
  for (const row of rows) {
    checkRow(row, entry++, shape);
    yield row;
  }
}

function entriesOf<Row>(
  ratings: Iterable<Row>,
  entryOf: (row: Row) => RawEntry,
  fixed: ModelSide,
  options: FoldInOptions,
): RowEntries {
  const entries = Array.from(ratings, entryOf);
  return rowEntries(entries, fixed.side, fixed.ids, fixed.settings.feedback, options);
}

function byId<Row>(
  { positions, ratings }: RowEntries,
  ids: IdVocabulary,
  rowOf: (id: Id, rating: number) => Row,
): Row[] {
  return Array.from(positions, (position, entry) => rowOf(ids.at(position), ratings[entry]!));
}
