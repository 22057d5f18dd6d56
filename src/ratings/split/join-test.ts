import type { Arena } from '../../arena.js';
import { describe, InvalidIdError } from '../../errors.js';
import { refuseTwin } from '../id-twin.js';
import { appendedIds, type Id } from '../id-vocabulary.js';
import type { Ratings, RatingsSplit, RowNames, Side } from '../ratings.js';
import {
  allocateSparseRows,
  releaseSparseRows,
  type SparseRows,
  transpose,
} from '../sparse-rows.js';

/**
 * A split of ratings from two sources: `test` in the rows of `train`, in its arena.
 *
 * Users and items that only `test` knows become rows without ratings behind the others, so the rows
 * of `train` stay as they are; its entries are not copied. 16 bytes a test rating (24 with
 * timestamps) and 8 a row.
 *
 * Test ratings of pairs that `train` has too are kept: `leaveOutSeen` leaves them out.
 *
 * Throws `InvalidIdError` if the two have no user or no item in common, and if an id of `test` differs
 * from one of `train` in its type only.
 */
export function joinTest(train: Ratings, test: Ratings): RatingsSplit {
  const { arena } = train;
  const users = joinNames('user', train.users, test.users, arena);
  const items = joinNames('item', train.items, test.items, arena);
  const names = { users: users.names, items: items.names };
  const rowCount = users.names.positions.length;
  const columnCount = items.names.positions.length;
  return {
    train: {
      ...train,
      ...names,
      byUser: withRows(train.byUser, rowCount, columnCount, arena),
      byItem: withRows(train.byItem, columnCount, rowCount, arena),
    },
    test: {
      ...test,
      ...names,
      arena,
      ...renumber(test, users.rows, items.rows, { arena, rowCount, columnCount }),
    },
  };
}

interface Target {
  readonly arena: Arena;
  readonly rowCount: number;
  readonly columnCount: number;
}

/** The entries of `ratings` under other row numbers. */
function renumber(
  { byUser: from, timestamps }: Ratings,
  userRows: Uint32Array,
  itemRows: Uint32Array,
  { arena, rowCount, columnCount }: Target,
) {
  const count = from.columns.length;
  const unsorted = allocateSparseRows(arena, { rowCount, columnCount, count });
  const { offsets } = unsorted;
  for (let row = 0; row < from.rowCount; row++) {
    offsets[userRows[row]! + 1] = from.offsets[row + 1]! - from.offsets[row]!;
  }
  for (let row = 0; row < rowCount; row++) offsets[row + 1]! += offsets[row]!;
  // Entry numbers travel as the bits of ratings, so that timestamps find their places too.
  const numbers = asNumbers(unsorted);
  for (let row = 0; row < from.rowCount; row++) {
    let to = offsets[userRows[row]!]!;
    for (let at = from.offsets[row]!; at < from.offsets[row + 1]!; at++) {
      unsorted.columns[to] = itemRows[from.columns[at]!]!;
      numbers[to++] = at;
    }
  }
  const turned = transpose(unsorted, arena);
  releaseSparseRows(unsorted, arena);
  const byUser = transpose(turned, arena);
  releaseSparseRows(turned, arena);
  const sorted = asNumbers(byUser);
  const moved = timestamps && arena.float64(count);
  for (let at = 0; at < count; at++) {
    const entry = sorted[at]!;
    if (moved) moved[at] = timestamps[entry]!;
    byUser.ratings[at] = from.ratings[entry]!;
  }
  return { byUser, byItem: transpose(byUser, arena), timestamps: moved };
}

function asNumbers({ ratings }: SparseRows): Uint32Array {
  return new Uint32Array(ratings.buffer, ratings.byteOffset, ratings.length);
}

/** Both sides' names under one numbering, and the row there of every row of `others`. */
function joinNames(side: Side, known: RowNames, others: RowNames, arena: Arena) {
  const { ids, positions } = known;
  const rowAt = new Uint32Array(ids.size);
  for (let row = 0; row < positions.length; row++) rowAt[positions[row]!] = row;
  const newIds: Id[] = [];
  // New ids in the order of their positions, not of their rows.
  const rowOfOther = new Uint32Array(others.ids.size);
  for (let position = 0; position < others.ids.size; position++) {
    const id = others.ids.at(position);
    const at = ids.positionOf(id);
    rowOfOther[position] = at === undefined ? ids.size + newIds.length : rowAt[at]!;
    if (at === undefined) newIds.push(id);
  }
  if (newIds.length === others.ids.size) {
    throw new InvalidIdError(
      `no ${side} of the test ratings in the training ratings, ` +
        `for instance ${describe(newIds[0])} beside ${describe(ids.at(0))}`,
      'the same ids in both',
      'check that both name the same columns',
    );
  }
  for (const id of newIds) refuseTwin(side, id, ids, 'in the test ratings');
  const rows = others.positions.map((position) => rowOfOther[position]!);
  if (newIds.length === 0) return { names: known, rows };
  const size = ids.size + newIds.length;
  const joined = arena.uint32(size);
  joined.set(positions);
  for (let row = ids.size; row < size; row++) joined[row] = row;
  return { names: { ids: appendedIds(ids, newIds), positions: joined }, rows };
}

/** The same entries in a matrix with as many rows and columns or more; new rows are empty. */
function withRows(rows: SparseRows, rowCount: number, columnCount: number, arena: Arena) {
  if (rows.rowCount === rowCount) return { ...rows, columnCount };
  const offsets = arena.uint32(rowCount + 1).fill(rows.columns.length);
  offsets.set(rows.offsets);
  return { ...rows, rowCount, columnCount, offsets };
}
