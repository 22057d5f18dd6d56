import { type Column, isInteger, isNumber, isTime } from './column-types.js';
import type { RatingColumnsFound } from './guess-columns.js';
import type { Relation } from './relation.js';
import { identifier } from './sql-text.js';

/**
 * SQL that selects one row a rating: user_id, item_id, rating (FLOAT), rated_at (DOUBLE), and with
 * `raw` the rating as it stands in the source. A rating that is no number becomes NULL.
 */
export function selectEntries(
  relation: Relation,
  columns: RatingColumnsFound,
  where: string | undefined,
  raw?: 'raw',
): string {
  const { user, item, rating, timestamp } = columns;
  const asText = relation.isCsv ? [user, item, ...(rating === undefined ? [] : [rating])] : [];
  const source = relation.from(asText);
  const role = (column: Column, name: string) => `${identifier(column.name)} AS "seesaw ${name}"`;
  const taken = [role(user, 'user'), role(item, 'item')];
  if (rating !== undefined) taken.push(role(rating, 'rating'));
  if (timestamp !== undefined) taken.push(role(timestamp, 'time'));
  // The condition sees every column with the type that its values suggest.
  const typed = asText.filter(({ type }) => type !== 'VARCHAR');
  const casts = typed.map(
    ({ name, type }) => `${identifier(name)}::${type} AS ${identifier(name)}`,
  );
  if (where !== undefined)
    taken.push(`*${casts.length > 0 ? ` REPLACE (${casts.join(', ')})` : ''}`);
  const value = rating === undefined ? '1' : `TRY_CAST(${plain('rating', rating)} AS DOUBLE)`;
  return [
    `SELECT ${id('user', user, relation)} AS user_id, ${id('item', item, relation)} AS item_id`,
    `TRY_CAST(${value} AS FLOAT) AS rating`,
    `${time(timestamp)} AS rated_at`,
    ...(raw === undefined || rating === undefined
      ? []
      : [`${plain('rating', rating)}::VARCHAR AS raw`]),
  ]
    .join(', ')
    .concat(` FROM (SELECT ${taken.join(', ')} FROM ${source})`)
    .concat(where === undefined ? '' : ` WHERE (${where}\n)`);
}

function id(name: string, column: Column, relation: Relation): string {
  if (relation.isCsv) return `"seesaw ${name}"`;
  if (isInteger(column)) {
    return column.type.startsWith('DECIMAL') ? `"seesaw ${name}"::HUGEINT` : `"seesaw ${name}"`;
  }
  return `${plain(name, column)}::VARCHAR`;
}

/** A column's value; of JSON, the string or number inside. */
function plain(name: string, { type }: Column): string {
  return type === 'JSON' ? `("seesaw ${name}" ->> '$')` : `"seesaw ${name}"`;
}

function time(column: Column | undefined): string {
  if (column === undefined) return 'NULL::DOUBLE';
  if (!isNumber(column) && !isTime(column)) return 'NULL';
  const value = isTime(column) ? `(epoch_us("seesaw time") / 1e6)` : '"seesaw time"::DOUBLE';
  return `CASE WHEN isfinite(${value}) THEN ${value} ELSE '-inf'::DOUBLE END`;
}
