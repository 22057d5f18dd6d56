import { adviseNumber, describeNumber } from '../describe-number.js';
import { describe, InvalidIdError, InvalidRatingError } from '../errors.js';

/** Unix seconds up to the year 5138: larger numbers count milliseconds or a smaller unit. */
export const maxUnixSeconds = 1e11;

/** Throws `InvalidIdError` unless a row is an object; what its fields hold is checked elsewhere. */
export function checkRow(row: unknown, entry: number, of: string): void {
  if (typeof row === 'object' && row !== null) return;
  throw new InvalidIdError(`${describe(row)} at entry ${entry}`, of, 'try leaving it out');
}

/**
 * The rating as float32 holds it. Throws `InvalidRatingError` for what is no finite number, and for
 * what float32 holds as Infinity or, though it is not 0, as 0.
 */
export function checkRating(
  rating: unknown,
  entry: number,
  expected = 'a finite number that float32 can hold',
): number {
  if (typeof rating === 'number') {
    const rounded = Math.fround(rating);
    // The sum makes 0 of −0.
    if (Number.isFinite(rounded) && (rounded !== 0 || rating === 0)) return rounded + 0;
  }
  throw invalidRating(rating, entry, expected);
}

/** The error of a rating that is no number, or not one of those that are expected. */
export function invalidRating(rating: unknown, entry: number, expected: string) {
  return new InvalidRatingError(
    `rating ${describeNumber(rating)} at entry ${entry}`,
    expected,
    adviseNumber('rating', rating) ?? 'try leaving such entries out',
  );
}

/**
 * A timestamp as a number: dates as Unix seconds. Throws `InvalidRatingError` for NaN, Infinity,
 * values that are neither number nor date, and invalid dates.
 */
export function checkTimestamp(timestamp: unknown, entry: number): number {
  const isDate = timestamp instanceof Date;
  const time = isDate ? timestamp.getTime() / 1000 : timestamp;
  const isInRange = typeof time === 'number' && time < (isDate ? maxUnixSeconds : Infinity);
  if (isInRange) return time;
  throw new InvalidRatingError(
    `timestamp ${describeNumber(timestamp)} at entry ${entry}`,
    'a finite number or a valid date',
    adviseTimestamp(timestamp),
  );
}

function adviseTimestamp(timestamp: unknown): string {
  const number = adviseNumber('timestamp', timestamp);
  if (number !== undefined) return number;
  if (typeof timestamp === 'string' && !Number.isNaN(Date.parse(timestamp))) {
    return 'try new Date(timestamp)';
  }
  const isLate = timestamp instanceof Date && timestamp.getTime() / 1000 >= maxUnixSeconds;
  return isLate ? 'try a date of milliseconds, not of microseconds' : 'try leaving it out';
}
