import type { TimedRows } from '../../ratings/merge-duplicates.js';
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
  const offsets = startsOf(records, width, 0, first, end);
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
 * In memory of their own; duplicates stay. Two counting sorts, which move whole records: that misses
 * the cache less often than records that stay and are looked up in their order.
 *
 * @param records are overwritten
 * @param width words of a record
 */
export function sortRecords(records: Uint32Array, width: number, wanted: RowsWanted): TimedRows {
  const { first, end, columnCount } = wanted;
  const byColumn = new Uint32Array(records.length);
  moveRecords(records, byColumn, width, 1, startsOf(records, width, 1, 0, columnCount));
  const offsets = startsOf(byColumn, width, 0, first, end);
  moveRecords(byColumn, records, width, 0, offsets.slice(), first);
  if (width > recordWords.plain) orderDuplicates(records, width);
  const columns = new Uint32Array(records.length / width);
  const bits = new Uint32Array(columns.length);
  for (let to = 0, at = 1; to < columns.length; to++, at += width) {
    columns[to] = records[at]!;
    bits[to] = records[at + 1]!;
  }
  const ratings = new Float32Array(bits.buffer);
  return {
    rows: { rowCount: end - first, columnCount, offsets, columns, ratings },
    timestamps: width === recordWords.timed ? timesOf(records, width) : undefined,
  };
}

function timesOf(records: Uint32Array, width: number): Float64Array {
  const words = new Uint32Array((records.length / width) * 2);
  for (let to = 0, at = recordWords.placed; to < words.length; to += 2, at += width) {
    words[to] = records[at]!;
    words[to + 1] = records[at + 1]!;
  }
  return new Float64Array(words.buffer);
}

/** How many records have a smaller number at `word`, for the numbers `first` … `end`. */
function startsOf(
  records: Uint32Array,
  width: number,
  word: number,
  first: number,
  end: number,
): Uint32Array {
  const starts = new Uint32Array(end - first + 1);
  for (let at = word; at < records.length; at += width) starts[records[at]! - first + 1]!++;
  for (let number = 0; number < end - first; number++) starts[number + 1]! += starts[number]!;
  return starts;
}

/** Moves each record to the next place of its number at `word`; those of one number keep their order. */
function moveRecords(
  from: Uint32Array,
  into: Uint32Array,
  width: number,
  word: number,
  next: Uint32Array,
  first = 0,
): void {
  for (let at = 0; at < from.length; at += width) {
    const to = next[from[at + word]! - first]!++ * width;
    for (let part = 0; part < width; part++) into[to + part] = from[at + part]!;
  }
}

/** Puts sorted records of one row and column in the order of their times, then of their places. */
function orderDuplicates(records: Uint32Array, width: number): void {
  const isSamePair = (one: number, other: number): boolean =>
    records[one] === records[other] && records[one + 1] === records[other + 1];
  for (let from = 0; from < records.length; ) {
    let end = from + width;
    while (end < records.length && isSamePair(from, end)) end += width;
    if (end > from + width) sortGroup(records.subarray(from, end), width);
    from = end;
  }
}

function sortGroup(group: Uint32Array, width: number): void {
  const records = Array.from({ length: group.length / width }, (_, at) => {
    const words = group.slice(at * width, (at + 1) * width);
    const time = words.slice(recordWords.placed);
    return { words, place: words[3]!, time: time.length === 0 ? 0 : timeOf(time) };
  });
  records.sort((a, b) => {
    // Not by a difference: −Infinity less itself is NaN.
    if (a.time !== b.time) return a.time < b.time ? -1 : 1;
    return a.place - b.place;
  });
  for (let at = 0; at < records.length; at++) group.set(records[at]!.words, at * width);
}

function timeOf(words: Uint32Array): number {
  return new Float64Array(words.buffer)[0]!;
}
