import { InvalidIdError, InvalidOptionError } from '../../errors.js';
import type { Ratings, RatingsSplit, RowNames } from '../ratings.js';
import type { SparseRows } from '../sparse-rows.js';
import { takeEntries } from './take-entries.js';

/**
 * The split without those withheld ratings whose pair is rated in `train` too, or in the visible
 * part of a user who is withheld as a whole, as where a split is published as two files and
 * purchases repeat. No list can hold such a pair, so it cannot be measured; `leftOut` counts them.
 * A split without any comes back as it is.
 *
 * Throws `InvalidIdError` if nothing is left, and `InvalidOptionError` if the parts do not have the
 * same rows under the same names.
 */
export function leaveOutSeen(split: RatingsSplit): RatingsSplit {
  const { train, test, foldIn } = split;
  checkSameRows(train, test);
  if (foldIn !== undefined) checkSameRows(train, foldIn);
  const marks = markSeen(test.byUser, (foldIn ?? train).byUser);
  const seen = marks.reduce((count, mark) => count + mark, 0);
  if (seen === 0) return split;
  if (seen === marks.length) {
    throw new InvalidIdError(
      `${seen} ratings withheld, every one of a pair that is rated in training too`,
      'ratings of pairs that training does not see',
      'check that the two sources differ, or use holdout(…)',
    );
  }
  const leftOut = { ...split.leftOut, seen: (split.leftOut?.seen ?? 0) + seen };
  return { ...split, train, test: takeEntries(test, marks, 0), leftOut };
}

/**
 * 1 for every entry of `withheld` whose pair `known` has too, else 0. Both have the same rows, and
 * columns ascend.
 */
export function markSeen(withheld: SparseRows, known: SparseRows): Uint8Array {
  const marks = new Uint8Array(withheld.columns.length);
  for (let row = 0; row < withheld.rowCount; row++) {
    const end = known.offsets[row + 1]!;
    let other = known.offsets[row]!;
    for (let at = withheld.offsets[row]!; at < withheld.offsets[row + 1]!; at++) {
      const column = withheld.columns[at]!;
      while (other < end && known.columns[other]! < column) other++;
      if (other < end && known.columns[other] === column) marks[at] = 1;
    }
  }
  return marks;
}

/** Rows with an entry that is not marked, ascending. */
export function rowsWithUnseen(offsets: Uint32Array, marks: Uint8Array): number[] {
  const rows: number[] = [];
  for (let row = 0; row + 1 < offsets.length; row++) {
    if (marks.subarray(offsets[row]!, offsets[row + 1]!).includes(0)) rows.push(row);
  }
  return rows;
}

function checkSameRows(train: Ratings, other: Ratings): void {
  if (isSame(train.users, other.users) && isSame(train.items, other.items)) return;
  throw new InvalidOptionError(
    'test',
    'found training and withheld ratings that number their users or items in different ways; ' +
      'expected the same rows in both; try withTest(test$), which joins two sources',
  );
}

function isSame(one: RowNames, other: RowNames): boolean {
  if (one === other) return true;
  if (one.ids.size !== other.ids.size) return false;
  return one.positions.every(
    (position, row) =>
      position === other.positions[row] && one.ids.at(position) === other.ids.at(position),
  );
}
