import { adviseNumber, describeNumber } from '../describe-number.js';
import { describe, InvalidIdError, InvalidRatingError } from '../errors.js';
import { isAmount } from './usual-names.js';

/** Unix seconds up to the year 5138: larger numbers count milliseconds or a smaller unit. */
export const maxUnixSeconds = 1e11;

/**
 * Checks the fields of a row; what they hold is checked elsewhere. Throws `InvalidIdError` unless it
 * is an object that names an item, and a user where rows have one; `InvalidRatingError` if the first
 * row has no rating, but an amount under another name.
 *
 * @param of the shape of rows, such as `{ item, rating? }`
 */
export function checkRow(row: unknown, entry: number, of: string): void {
  if (typeof row !== 'object' || row === null) {
    throw new InvalidIdError(`${describe(row)} at entry ${entry}`, of, 'try leaving it out');
  }
  for (const name of ['user', 'item']) {
    if (!(name in row) && of.includes(name)) throw missingField(name, row, entry, of);
  }
  if (entry > 0 || 'rating' in row) return;
  const other = Object.entries(row).find(([name, value]) => isAmount(name) && value != null);
  if (other === undefined) return;
  throw new InvalidRatingError(
    `no rating at entry ${entry}, but ${other[0]}: ${describeNumber(other[1])}`,
    'the rating in the field rating',
    `try { ...row, rating: row.${other[0]} }, or rows without ${other[0]} if every rating is 1`,
  );
}

function missingField(name: string, row: object, entry: number, of: string) {
  const fields = Array.isArray(row) ? 'a list' : `the fields ${Object.keys(row).join(', ')}`;
  const found = Object.keys(row).length === 0 ? 'no fields' : fields;
  return new InvalidIdError(
    `${found} at entry ${entry}, and no ${name}`,
    of,
    'try rows.map((row) => ({ … })) with these names',
  );
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
