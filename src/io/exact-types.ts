import type { Column } from './column-types.js';
import type { Database } from './database.js';
import { identifier } from './sql-text.js';

/** What follows a time of day that has a zone. */
const zone = ':[0-9.]+ ?([+-][0-9:]+|[A-Za-z][A-Za-z/_]*)$';

/** Types that a column of text can be taken for, the narrowest first, and when a value is of one. */
const types: readonly (readonly [type: string, holds: (text: string) => string])[] = [
  ['BOOLEAN', (text) => `lower(${text}) IN ('true', 'false')`],
  ['BIGINT', (text) => `regexp_full_match(${text}, '[+-]?[0-9]{1,18}')`],
  ['HUGEINT', (text) => `regexp_full_match(${text}, '[+-]?[0-9]{1,38}')`],
  ['DOUBLE', (text) => `TRY_CAST(${text} AS DOUBLE) IS NOT NULL`],
  [
    'DATE',
    (text) =>
      `regexp_full_match(${text}, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}') AND TRY_CAST(${text} AS DATE) IS NOT NULL`,
  ],
  [
    'TIMESTAMP',
    (text) =>
      `NOT regexp_matches(${text}, '${zone}') AND TRY_CAST(${text} AS TIMESTAMP) IS NOT NULL`,
  ],
  ['TIMESTAMPTZ', (text) => `TRY_CAST(${text} AS TIMESTAMPTZ) IS NOT NULL`],
];

/** The result of a look at all rows. */
export interface ExactTypes {
  readonly columns: Column[];
  readonly rowCount: number;
}

/**
 * The text columns that an SQL condition may mean, with the type that all their values have. Reads
 * these columns once, and counts the rows.
 *
 * @param source SQL to put after FROM
 */
export async function exactTypes(
  database: Database,
  source: string,
  columns: readonly Column[],
  where: string,
): Promise<ExactTypes> {
  const condition = where.toLowerCase();
  const meant = columns.filter(
    ({ name, isText }) =>
      isText &&
      (/\*|\bcolumns\b/.test(condition) ||
        condition.includes(identifier(name).slice(1, -1).toLowerCase())),
  );
  const checks = meant.flatMap(({ name }, at) =>
    types.map(
      ([type, holds]) => `bool_and(${holds(`trim(${identifier(name)})`)}) AS "${type}${at}"`,
    ),
  );
  const [row] = await database.rows(
    `SELECT ${['count(*) AS "row count"', ...checks].join(', ')} FROM ${source}`,
  );
  const exact = meant.map((column, at) => {
    const found = types.find(([type]) => row?.[`${type}${at}`] === true);
    return { ...column, type: found?.[0] ?? 'VARCHAR' };
  });
  return { columns: exact, rowCount: Number(row?.['row count']) };
}
