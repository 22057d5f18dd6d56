import type { Arena } from '../../arena.js';
import type { TimedRows } from '../merge-duplicates.js';
import type { Ratings } from '../ratings.js';
import { allocateSparseRows, transpose } from '../sparse-rows.js';

/**
 * The ratings whose entry of `byUser` has `mark`, with the rows and names of `ratings`, in `arena`:
 * 16 bytes a rating, 24 with timestamps.
 *
 * @param marks one for each entry of `byUser`
 */
export function takeEntries(
  ratings: Ratings,
  marks: Uint8Array,
  mark: number,
  arena: Arena = ratings.arena,
): Ratings {
  const { byUser: from } = ratings;
  let count = 0;
  for (let at = 0; at < marks.length; at++) if (marks[at] === mark) count++;
  const { rowCount, columnCount } = from;
  const byUser = allocateSparseRows(arena, { rowCount, columnCount, count });
  const timestamps = ratings.timestamps && arena.float64(count);
  let to = 0;
  for (let row = 0; row < rowCount; row++) {
    for (let at = from.offsets[row]!; at < from.offsets[row + 1]!; at++) {
      if (marks[at] !== mark) continue;
      byUser.columns[to] = from.columns[at]!;
      if (timestamps) timestamps[to] = ratings.timestamps![at]!;
      byUser.ratings[to++] = from.ratings[at]!;
    }
    byUser.offsets[row + 1] = to;
  }
  return {
    ...ratings,
    arena,
    byUser,
    byItem: transpose(byUser, arena),
    ...(timestamps && { timestamps }),
  };
}

/** The entries of some rows whose mark is taken, in memory of their own. */
export function takeMarked(
  { rows, timestamps }: TimedRows,
  marks: Uint8Array,
  isTaken: (mark: number) => boolean,
): TimedRows {
  const { rowCount, columnCount } = rows;
  const takes = Uint8Array.from({ length: 256 }, (_, mark) => Number(isTaken(mark)));
  let count = 0;
  for (let at = 0; at < marks.length; at++) count += takes[marks[at]!]!;
  const offsets = new Uint32Array(rowCount + 1);
  const columns = new Uint32Array(count);
  const ratings = new Float32Array(count);
  const times = timestamps && new Float64Array(count);
  let to = 0;
  for (let row = 0; row < rowCount; row++) {
    for (let at = rows.offsets[row]!; at < rows.offsets[row + 1]!; at++) {
      if (takes[marks[at]!] === 0) continue;
      columns[to] = rows.columns[at]!;
      if (times) times[to] = timestamps[at]!;
      ratings[to++] = rows.ratings[at]!;
    }
    offsets[row + 1] = to;
  }
  return { rows: { rowCount, columnCount, offsets, columns, ratings }, timestamps: times };
}
