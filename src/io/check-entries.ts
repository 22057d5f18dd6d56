import { ColumnError, InvalidIdError, InvalidRatingError } from '../errors.js';
import type { Database } from './duckdb.js';
import type { RatingColumnsFound } from './guess-columns.js';
import type { Relation } from './relation.js';
import { selectEntries } from './select-entries.js';
import { identifier } from './sql-text.js';

interface Entries {
  readonly relation: Relation;
  readonly columns: RatingColumnsFound;
  readonly where: string | undefined;
}

/**
 * Checks the table `entries` and returns its number of rows.
 * Throws `InvalidIdError` for missing ids, `InvalidRatingError` for ratings that are missing, NaN,
 * infinite or beyond float32, `ColumnError` for text in the place of a rating.
 */
export async function checkEntries(database: Database, entries: Entries): Promise<number> {
  const { columns } = entries;
  const [counts] = await database.rows(
    'SELECT count(*) AS total, count(*) - count(user_id) AS users, ' +
      'count(*) - count(item_id) AS items, ' +
      'count(*) FILTER (rating IS NULL OR NOT isfinite(rating)) AS ratings FROM entries',
  );
  const { total, users, items, ratings } = counts!;
  if (Number(users) > 0) throw missingId('user', columns.user.name, Number(users));
  if (Number(items) > 0) throw missingId('item', columns.item.name, Number(items));
  if (Number(ratings) > 0) throw await badRating(database, entries);
  return Number(total);
}

function missingId(side: 'user' | 'item', column: string, count: number): InvalidIdError {
  return new InvalidIdError(
    `${count} ${count === 1 ? 'row' : 'rows'} without ${side === 'user' ? 'a user' : 'an item'} in column ${JSON.stringify(column)}`,
    `an id of the ${side} in every row`,
    `try where: '${identifier(column)} IS NOT NULL'`,
  );
}

/** Reads the source once more for the first bad rating as it stands there. */
async function badRating(database: Database, entries: Entries): Promise<Error> {
  const { relation, columns, where } = entries;
  const column = columns.rating!.name;
  const [bad] = await database.rows(
    'SELECT place, raw, number FROM (SELECT row_number() OVER () AS place, raw, rating, ' +
      `TRY_CAST(raw AS DOUBLE) AS number FROM (${selectEntries(relation, columns, where, 'raw')})) ` +
      'WHERE rating IS NULL OR NOT isfinite(rating) ORDER BY place LIMIT 1',
  );
  const { place, raw, number } = bad ?? { place: 'unknown', raw: null, number: null };
  const at = `in rating column ${JSON.stringify(column)}, ${where === undefined ? '' : 'filtered '}row ${place}`;
  if (raw !== null && number === null) {
    return new ColumnError(
      'ERR_COLUMN_TYPE',
      `found ${JSON.stringify(raw)} ${at}; expected a number; ` +
        'name another column with the option rating, or correct the value',
    );
  }
  return new InvalidRatingError(
    `${raw === null ? 'no value' : `rating ${raw}`} ${at}`,
    'a finite number that float32 can hold',
    'leave such rows out with the option where',
  );
}
