import { type Column, isInteger, isNumber, isTime } from './column-types.js';
import type { RatingColumnsFound } from './guess-columns.js';
import { fileColumn, placeColumn, type Relation } from './relation-contract.js';
import { identifier } from './sql-text.js';
import { isNoTime, type TimeFormat } from './time-format.js';

/** What to select, and how its text is to be understood. */
export interface Selection {
  readonly relation: Relation;
  readonly columns: RatingColumnsFound;
  /** SQL condition. */
  readonly where: string | undefined;
  /** Text columns that the condition may mean, with the types that it sees. */
  readonly whereTypes: readonly Column[];
  /** How times are written, if they are text. */
  readonly timeFormat: TimeFormat | undefined;
}

/**
 * SQL that selects one row a rating: user_id, item_id, rating (FLOAT), rated_at (DOUBLE). A rating
 * that is no number becomes NULL, and so does a time that is not understood.
 *
 * @param also `located`: raw_rating and raw_time as they stand in the source, and of files `row`, the number
 *   of the row in all files, and `file`; `placed`: what `Relation.placed` gave, for `place`, the number of
 *   the row
 */
export function selectEntries(
  selection: Selection,
  { located = false, placed }: { readonly located?: boolean; readonly placed?: string } = {},
): string {
  const { relation, columns, where, whereTypes } = selection;
  const { user, item, rating, timestamp } = columns;
  const isLocated = located && relation.places !== undefined;
  const from = placed ?? relation.from(isLocated);
  const source = isLocated ? `(SELECT *, row_number() OVER () AS "seesaw row" FROM ${from})` : from;
  const role = (column: Column, name: string) => `${identifier(column.name)} AS "seesaw ${name}"`;
  const taken = [role(user, 'user'), role(item, 'item')];
  if (rating !== undefined) taken.push(role(rating, 'rating'));
  if (timestamp !== undefined) taken.push(role(timestamp, 'time'));
  // The condition sees every column with the type that its values have.
  const casts = whereTypes
    .filter(({ type }) => type !== 'VARCHAR')
    .map(({ name, type }) => {
      const value = `trim(${identifier(name)}::VARCHAR)`;
      return `CAST(${value} AS ${type}) AS ${identifier(name)}`;
    });
  if (where !== undefined) {
    taken.push(`*${casts.length > 0 ? ` REPLACE (${casts.join(', ')})` : ''}`);
  } else if (isLocated) {
    taken.push(`"seesaw row", ${identifier(fileColumn)}`);
  } else if (placed !== undefined) {
    taken.push(identifier(placeColumn));
  }
  const value = rating === undefined ? '1' : `TRY_CAST(${plain('rating', rating)} AS DOUBLE)`;
  const selected = [
    `${id('user', user, relation)} AS user_id`,
    `${id('item', item, relation)} AS item_id`,
    `TRY_CAST(${value} AS FLOAT) AS rating`,
    `${time(selection)} AS rated_at`,
  ];
  if (placed !== undefined) selected.push(`${identifier(placeColumn)} AS place`);
  if (located) {
    const raw = (column: Column | undefined, name: string) =>
      column === undefined ? 'NULL' : `${plain(name, column)}::VARCHAR`;
    selected.push(
      `${raw(rating, 'rating')} AS raw_rating`,
      `${raw(timestamp, 'time')} AS raw_time`,
    );
    selected.push(
      isLocated
        ? `"seesaw row" AS row, ${identifier(fileColumn)} AS file`
        : 'NULL AS row, NULL AS file',
    );
  }
  return (
    `SELECT ${selected.join(', ')} FROM (SELECT ${taken.join(', ')} FROM ${source})` +
    (where === undefined ? '' : ` WHERE (${where}\n)`)
  );
}

/** SQL for the time as text; only for a column that is text. */
export function timeText({ type }: Column, name: string): string {
  return type === 'JSON' ? `(${name} ->> '$')` : name;
}

function id(name: string, column: Column, relation: Relation): string {
  if (relation.isCsv) {
    const isTrimmed = column.isPadded || isNumber(column);
    const text = `"seesaw ${name}"`;
    if (!isTrimmed) return text;
    // To trim all would cost as much as to read them.
    return (
      `CASE WHEN contains(${text}, ' ') OR contains(${text}, '\t') ` +
      `THEN nullif(trim(${text}, ' \t'), '') ELSE nullif(${text}, '') END`
    );
  }
  if (isInteger(column)) {
    return column.type.startsWith('DECIMAL') ? `"seesaw ${name}"::HUGEINT` : `"seesaw ${name}"`;
  }
  return `${plain(name, column)}::VARCHAR`;
}

/** A column's value; of JSON, the string or number inside. */
function plain(name: string, { type }: Column): string {
  return type === 'JSON' ? `("seesaw ${name}" ->> '$')` : `"seesaw ${name}"`;
}

function time({ columns: { timestamp }, timeFormat }: Selection): string {
  if (timestamp === undefined) return 'NULL::DOUBLE';
  if (timeFormat !== undefined) {
    const text = timeText(timestamp, '"seesaw time"');
    const seconds = timeFormat.seconds(text);
    // Words are compared only where there is no time.
    return (
      `CASE WHEN isfinite(${seconds}) THEN ${seconds} ` +
      `WHEN ${seconds} IS NOT NULL OR ${isNoTime(text)} THEN '-inf'::DOUBLE END`
    );
  }
  const value = isTime(timestamp) ? `(epoch_us("seesaw time") / 1e6)` : '"seesaw time"::DOUBLE';
  return `CASE WHEN isfinite(${value}) THEN ${value} ELSE '-inf'::DOUBLE END`;
}
