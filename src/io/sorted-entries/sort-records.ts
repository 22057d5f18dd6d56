import type { SparseRows } from '../../ratings/sparse-rows.js';

/*
 * A record is some words of 32 bits:
 *
 *     row, column, rating (bits of a float32), place, time (two words of a float64)
 *
 * The place in the input and the time are there only where they are needed.
 */

/** Words of a record up to the rating, with its place, and with its time too. */
export const recordWords = { plain: 3, placed: 4, timed: 6 } as const;

/** Rows `first` … `end` − 1 of a matrix of so many columns. */
export interface RowsWanted {
  readonly first: number;
  readonly end: number;
  readonly columnCount: number;
}

/**
 * Plain records whose columns ascend in every row, by row. Entries of a row keep their order.
 * In memory of their own.
 */
export function sortByRow(
  records: Uint32Array,
  { first, end, columnCount }: RowsWanted,
): SparseRows {
  const width = recordWords.plain;
  const offsets = countRows(records, width, first, end);
  const next = offsets.slice();
  const columns = new Uint32Array(records.length / width);
  const bits = new Uint32Array(columns.length);
  for (let at = 0; at < records.length; at += width) {
    const to = next[records[at]! - first]!++;
    columns[to] = records[at + 1]!;
    bits[to] = records[at + 2]!;
  }
  const ratings = new Float32Array(bits.buffer);
  return { rowCount: end - first, columnCount, offsets, columns, ratings };
}

/**
 * Records in any order by row, then column, then time if they have one, then place if they have one.
 * In memory of their own; duplicates stay. Two counting sorts.
 *
 * @param width words of a record
 */
export function sortRecords(records: Uint32Array, width: number, wanted: RowsWanted): SparseRows {
  const { first, end, columnCount } = wanted;
  const count = records.length / width;
  const ends = new Uint32Array(columnCount + 1);
  for (let at = 1; at < records.length; at += width) ends[records[at]! + 1]!++;
  for (let column = 0; column < columnCount; column++) ends[column + 1]! += ends[column]!;
  /** Row and record side by side, by column: one cache miss, not two. */
  const byColumn = new Uint32Array(2 * count);
  for (let record = 0, at = 0; record < count; record++, at += width) {
    const to = 2 * ends[records[at + 1]!]!++;
    byColumn[to] = records[at]! - first;
    byColumn[to + 1] = record;
  }
  const offsets = countRows(records, width, first, end);
  const next = offsets.slice();
  const columns = new Uint32Array(count);
  const order = new Uint32Array(count);
  for (let column = 0, from = 0; column < columnCount; column++) {
    for (; from < ends[column]!; from++) {
      const to = next[byColumn[2 * from]!]!++;
      columns[to] = column;
      order[to] = byColumn[2 * from + 1]!;
    }
  }
  const rows = { rowCount: end - first, columnCount, offsets, columns };
  if (width > recordWords.plain) orderDuplicates(rows, order, records, width);
  const bits = new Uint32Array(count);
  for (let at = 0; at < count; at++) bits[at] = records[order[at]! * width + 2]!;
  return { ...rows, ratings: new Float32Array(bits.buffer) };
}

/** Offsets of the rows. */
function countRows(records: Uint32Array, width: number, first: number, end: number): Uint32Array {
  const offsets = new Uint32Array(end - first + 1);
  for (let at = 0; at < records.length; at += width) offsets[records[at]! - first + 1]!++;
  for (let row = 0; row < end - first; row++) offsets[row + 1]! += offsets[row]!;
  return offsets;
}

/** Puts records of one row and column in the order of their times, then of their places. */
function orderDuplicates(
  { rowCount, offsets, columns }: Omit<SparseRows, 'ratings'>,
  order: Uint32Array,
  records: Uint32Array,
  width: number,
): void {
  const words = new Uint32Array(2);
  const [time] = [new Float64Array(words.buffer)];
  const timeOf = (record: number): number => {
    if (width < recordWords.timed) return 0;
    words[0] = records[record * width + 4]!;
    words[1] = records[record * width + 5]!;
    return time[0]!;
  };
  const placeOf = (record: number): number => records[record * width + 3]!;
  for (let row = 0; row < rowCount; row++) {
    const rowEnd = offsets[row + 1]!;
    for (let from = offsets[row]!; from + 1 < rowEnd; ) {
      let end = from + 1;
      while (end < rowEnd && columns[end] === columns[from]) end++;
      if (end > from + 1) {
        const group = order.subarray(from, end);
        group.sort((a, b) => {
          const [timeOfA, timeOfB] = [timeOf(a), timeOf(b)];
          // Not by a difference: −Infinity less itself is NaN.
          if (timeOfA !== timeOfB) return timeOfA < timeOfB ? -1 : 1;
          return placeOf(a) - placeOf(b);
        });
      }
      from = end;
    }
  }
}
