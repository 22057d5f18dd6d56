import { checkValue, oneOf } from '../check-options.js';
import { InvalidRatingError } from '../errors.js';
import type { DuplicatesPolicy } from './ratings.js';
import type { SparseRows } from './sparse-rows.js';

/** A policy for duplicates. */
export const aPolicy = oneOf('error', 'sum', 'last', 'max', 'mean');

/** The policy, `last` by default. Throws `InvalidOptionError` for anything else. */
export function resolveDuplicates(policy: DuplicatesPolicy = 'last'): DuplicatesPolicy {
  checkValue('duplicates', policy, aPolicy);
  return policy;
}

/** One number out of those of the entries `from` … `end` − 1, which share user and item. */
type MergeEntries = (from: number, end: number) => number;

/**
 * How a policy makes one rating out of several, in float64. Entries lie in input order;
 * `error` is for the caller to refuse and merges like `last`.
 *
 * Sums go from the smallest rating to the largest, so they do not depend on the input order.
 */
function mergeBy(policy: DuplicatesPolicy, ratings: Float32Array): MergeEntries {
  const sum = (from: number, end: number) => {
    let total = 0;
    for (const rating of Float32Array.from(ratings.subarray(from, end)).sort()) total += rating;
    return total;
  };
  switch (policy) {
    case 'sum':
      return sum;
    case 'mean':
      return (from, end) => sum(from, end) / (end - from);
    case 'max':
      return (from, end) => ratings.subarray(from, end).reduce((a, b) => Math.max(a, b));
    case 'last':
    case 'error':
      return (_from, end) => ratings[end - 1]!;
    default:
      return policy satisfies never;
  }
}

/**
 * How a policy makes one timestamp out of several: that of the rating that counts (the latest of
 * equal ones), and for `sum` and `mean` the latest of all. For `last` entries lie in order of time.
 */
function mergeTimestampsBy(
  policy: DuplicatesPolicy,
  ratings: Float32Array,
  timestamps: Float64Array,
): MergeEntries {
  switch (policy) {
    case 'sum':
    case 'mean':
      return (from, end) => timestamps.subarray(from, end).reduce((a, b) => Math.max(a, b));
    case 'max':
      return (from, end) => {
        let best = from;
        for (let at = from + 1; at < end; at++) {
          const isEqual = ratings[at] === ratings[best];
          if (isEqual ? timestamps[at]! > timestamps[best]! : ratings[at]! > ratings[best]!) {
            best = at;
          }
        }
        return timestamps[best]!;
      };
    case 'last':
    case 'error':
      return (_from, end) => timestamps[end - 1]!;
    default:
      return policy satisfies never;
  }
}

/** Entries whose column equals that of the entry before them in their row. */
export function countDuplicates(rows: SparseRows): { count: number; first?: [number, number] } {
  const { rowCount, offsets, columns } = rows;
  let count = 0;
  let first: [number, number] | undefined;
  for (let row = 0; row < rowCount; row++) {
    for (let at = offsets[row]! + 1; at < offsets[row + 1]!; at++) {
      if (columns[at] !== columns[at - 1]) continue;
      count++;
      first ??= [row, columns[at]!];
    }
  }
  return first === undefined ? { count } : { count, first };
}

/** Sparse rows, and when their entries were made where that is known. */
export interface TimedRows {
  readonly rows: SparseRows;
  readonly timestamps: Float64Array | undefined;
}

/**
 * Merges entries of equal column inside each row, in place, and returns the shorter arrays.
 * Columns of the rows ascend; the result's arrays are views of the same memory.
 * Throws `InvalidRatingError` if a merged rating exceeds float32.
 */
export function mergeDuplicates(timed: TimedRows, policy: DuplicatesPolicy): TimedRows {
  const { rows, timestamps } = timed;
  const { rowCount, offsets, columns, ratings } = rows;
  const merge = mergeBy(policy, ratings);
  const mergeTimestamps = timestamps && mergeTimestampsBy(policy, ratings, timestamps);
  let to = 0;
  let from = 0;
  for (let row = 0; row < rowCount; row++) {
    const rowEnd = offsets[row + 1]!;
    offsets[row] = to;
    while (from < rowEnd) {
      const column = columns[from]!;
      let end = from + 1;
      while (end < rowEnd && columns[end] === column) end++;
      const isSingle = end === from + 1;
      const rating = isSingle ? ratings[from]! : finite(merge(from, end));
      if (mergeTimestamps) {
        timestamps[to] = isSingle ? timestamps[from]! : mergeTimestamps(from, end);
      }
      columns[to] = column;
      ratings[to++] = rating;
      from = end;
    }
  }
  offsets[rowCount] = to;
  return {
    rows: { ...rows, columns: columns.subarray(0, to), ratings: ratings.subarray(0, to) },
    timestamps: timestamps?.subarray(0, to),
  };
}

function finite(rating: number): number {
  if (Number.isFinite(Math.fround(rating))) return rating;
  throw new InvalidRatingError(
    `duplicate ratings that add up to ${rating}`,
    'a number that float32 can hold',
    "try smaller ratings or duplicates: 'last'",
  );
}
