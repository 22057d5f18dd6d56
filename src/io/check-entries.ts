import { ColumnError, InvalidIdError, InvalidRatingError } from '../errors.js';
import type { Database } from './database.js';
import { type ColumnsOfFile, fileColumn, type RowPlace } from './relation-contract.js';
import { type Selection, selectEntries } from './select-entries.js';
import { quotedLine } from './source-errors.js';
import { identifier, literal } from './sql-text.js';
import { wayOut } from './time-format.js';

/** SQL for whether an entry of a table cannot be used, and why. */
const faults = {
  user: '(user_id IS NULL)',
  item: '(item_id IS NULL)',
  rating: '(rating IS NULL OR NOT isfinite(rating))',
  time: '(rated_at IS NULL)',
} as const;

/** SQL for whether an entry can be used. */
export function isUsable(timed: boolean): string {
  return Object.entries(faults)
    .filter(([name]) => timed || name !== 'time')
    .map(([, fault]) => `NOT ${fault}`)
    .join(' AND ');
}

/** A row of the source that is no rating. */
export interface BadRow {
  /** Among the rows that meet the condition, from 1. */
  readonly place: number;
  readonly rating: string | null;
  readonly time: string | null;
  /** Where it lies, if it is in a file. */
  readonly at: RowPlace | undefined;
}

/**
 * Checks `entries`, and returns how many there are. Throws `InvalidIdError` for missing ids, `InvalidRatingError` for ratings
 * that are missing, NaN, infinite or beyond float32, `ColumnError` for text in the place of a rating or
 * a time.
 */
export async function checkEntries(database: Database, selection: Selection): Promise<number> {
  const { columns } = selection;
  const [counts] = await database.rows(
    `SELECT count(*) AS total, ${Object.entries(faults)
      .filter(([name]) => columns.timestamp !== undefined || name !== 'time')
      .map(([name, fault]) => `count(*) FILTER (${fault}) AS ${name}`)
      .join(', ')} FROM entries`,
  );
  const count = (name: keyof typeof faults) => Number(counts?.[name] ?? 0);
  const find = (name: keyof typeof faults) => findBadRow(database, selection, faults[name]);
  for (const side of ['user', 'item'] as const) {
    if (count(side) === 0) continue;
    const row = await find(side);
    throw (
      (await missingColumn(selection, side, row)) ??
      missingId(side, columns[side].name, count(side), row)
    );
  }
  const { where } = selection;
  if (count('rating') > 0) {
    const row = await find('rating');
    throw (
      (await missingColumn(selection, 'rating', row)) ??
      badRating(columns.rating?.name ?? '', row, where)
    );
  }
  if (count('time') > 0) {
    throw badTime(columns.timestamp?.name ?? '', await find('time'), selection);
  }
  return Number(counts?.total);
}

/** The error of a bad row in a file that lacks the column that others have. */
async function missingColumn(
  { relation, columns }: Selection,
  role: 'user' | 'item' | 'rating',
  row: BadRow | undefined,
): Promise<ColumnError | undefined> {
  const name = columns[role]?.name;
  const files = (await relation.columnsOfFiles?.()) ?? [];
  const hasColumn = ({ names }: ColumnsOfFile) =>
    names.some((other) => other.toLowerCase() === name?.toLowerCase());
  const file = files.find((candidate) => candidate.file === row?.at?.file);
  const other = files.find(hasColumn);
  if (name === undefined || file === undefined || other === undefined || hasColumn(file)) {
    return undefined;
  }
  return new ColumnError(
    'ERR_COLUMN_NOT_FOUND',
    `found no column ${JSON.stringify(name)} in ${file.file}, which has ${file.names.join(', ')}; ` +
      `expected it as in ${other.file}; name columns alike, or read the files one by one`,
  );
}

/** Reads the source once more for the first row with a fault. */
export async function findBadRow(
  database: Database,
  selection: Selection,
  fault: string,
): Promise<BadRow | undefined> {
  const { relation } = selection;
  const [bad] = await database.rows(
    'SELECT place, row, file, raw_rating, raw_time FROM ' +
      `(SELECT row_number() OVER () AS place, * FROM (${selectEntries(selection, { located: true })})) ` +
      `WHERE ${fault} ORDER BY place LIMIT 1`,
  );
  if (bad === undefined) return undefined;
  const text = (value: unknown) => (value === null ? null : String(value));
  const row = { place: Number(bad.place), rating: text(bad.raw_rating), time: text(bad.raw_time) };
  if (relation.places === undefined || bad.file === null) return { ...row, at: undefined };
  const path = String(bad.file);
  const [{ first } = { first: 1 }] = await database.rows(
    `SELECT min(row) AS first FROM (SELECT row_number() OVER () AS row, ${identifier(fileColumn)} AS file ` +
      `FROM ${relation.from(true)}) WHERE file = ${literal(path)}`,
  );
  return { ...row, at: await relation.places(path, Number(bad.row) - Number(first) + 1) };
}

/** Where a row is, for messages. */
function placeOf(row: BadRow | undefined, where?: string): string {
  const at = row?.at;
  const place = `${where === undefined ? '' : 'filtered '}row ${row?.place ?? 'unknown'}`;
  if (at === undefined) return place;
  const own = 'line' in at ? `line ${at.line} of ${at.file}: ${quotedLine(at.text)}` : undefined;
  return `${place} (${own ?? `row ${(at as { row: number }).row} of ${at.file}`})`;
}

function missingId(
  side: 'user' | 'item',
  column: string,
  count: number,
  row: BadRow | undefined,
): InvalidIdError {
  return new InvalidIdError(
    `${count} ${count === 1 ? 'row' : 'rows'} without ${side === 'user' ? 'a user' : 'an item'} in column ` +
      `${JSON.stringify(column)}, the first of them ${placeOf(row)}`,
    `an id of the ${side} in every row`,
    `try where: '${identifier(column)} IS NOT NULL'`,
  );
}

function badRating(column: string, row: BadRow | undefined, where: string | undefined): Error {
  const raw = row?.rating ?? null;
  const at = `in rating column ${JSON.stringify(column)}, ${placeOf(row, where)}`;
  if (raw !== null && !isNumeric(raw)) {
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

function badTime(
  column: string,
  row: BadRow | undefined,
  { where, timeFormat }: Selection,
): ColumnError {
  return new ColumnError(
    'ERR_COLUMN_TYPE',
    `found ${JSON.stringify(row?.time ?? null)} in timestamp column ${JSON.stringify(column)}, ` +
      `${placeOf(row, where)}; expected a time as in other rows (${timeFormat?.name ?? 'numbers'}); ${wayOut}`,
  );
}

function isNumeric(text: string): boolean {
  return /^[+-]?(nan|inf(inity)?)$/i.test(text.trim()) || !Number.isNaN(Number(text));
}
