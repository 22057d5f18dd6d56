import { InvalidOptionError } from '../../errors.js';
import { maxUnixSeconds } from '../check-entry.js';
import { randomKeys } from './mark-random.js';
import type { Marker, RatedRows } from './marker.js';

/**
 * 1 for each user's `last` latest ratings, at most all but one. Ratings of unknown time are the
 * earliest. Equal times are decided by a hash of user and item, not by how popular the items are.
 *
 * Throws `InvalidOptionError` without timestamps.
 */
export function markLatest(ratings: RatedRows, last: number): Uint8Array {
  const timestamps = timestampsOf(ratings, 'last', last);
  const { byUser } = ratings;
  const marks = new Uint8Array(byUser.columns.length);
  for (let row = 0; row < byUser.rowCount; row++) {
    const start = byUser.offsets[row]!;
    const times = timestamps.subarray(start, byUser.offsets[row + 1]!);
    const count = Math.min(last, times.length - 1);
    if (count <= 0) continue;
    const keys = randomKeys(ratings, row, 0);
    // Not by a difference of times: −Infinity less itself is NaN.
    const latestFirst = [...keys.keys()].sort((a, b) =>
      times[a] === times[b] ? keys[a]! - keys[b]! : times[a]! < times[b]! ? 1 : -1,
    );
    for (const at of latestFirst.slice(0, count)) marks[start + at] = 1;
  }
  return marks;
}

/**
 * Marks 1 for ratings made at a moment or later: a date is compared with Unix seconds, a number is in the
 * unit of the timestamps. Those of unknown time are not.
 * Throws `InvalidOptionError` without timestamps; its check does when all or none are later, and for a
 * date beside timestamps that are no Unix seconds.
 */
export function afterMarker(after: Date | number): Pick<Marker, 'mark' | 'check'> {
  const moment = after instanceof Date ? after.getTime() / 1000 : after;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let count = 0;
  let withheld = 0;
  return {
    mark(rows) {
      const timestamps = timestampsOf(rows, 'after', after);
      const marks = new Uint8Array(timestamps.length);
      for (let at = 0; at < timestamps.length; at++) {
        const time = timestamps[at]!;
        if (time > Number.NEGATIVE_INFINITY && time < first) first = time;
        if (time > last) last = time;
        if (time < moment) continue;
        marks[at] = 1;
        withheld++;
      }
      count += marks.length;
      return marks;
    },
    check() {
      const isFiner = last > maxUnixSeconds && moment <= maxUnixSeconds;
      // Zeros for unknown times would be before any date.
      const isMixed = isFiner && after instanceof Date;
      if (!isMixed && withheld > 0 && withheld < count) return;
      const isCoarser = last <= maxUnixSeconds && moment > maxUnixSeconds;
      throw new InvalidOptionError(
        'after',
        after,
        `a moment with ratings before and after it; timestamps go from ${first} to ${last}` +
          (isFiner
            ? ', which are no Unix seconds; try a number in their unit, date.getTime()'
            : '') +
          (isCoarser ? '; try a Date, or a number in their unit' : ''),
      );
    },
  };
}

function timestampsOf({ timestamps }: RatedRows, option: string, found: unknown): Float64Array {
  if (timestamps !== undefined) return timestamps;
  throw new InvalidOptionError(
    option,
    found,
    'ratings with timestamps; try naming their column with the option timestamp',
  );
}
