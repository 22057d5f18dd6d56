import { ColumnError, SourceError } from '../errors.js';
import { type Column, isInteger } from './column-types.js';
import type { Database } from './database.js';
import { openDatabase } from './duckdb.js';
import { columnLike, columnNamed, listed, usualItemNames } from './guess-columns.js';
import { openRelation } from './relation.js';
import type { Relation } from './relation-contract.js';
import { identifier } from './sql-text.js';
import { unreadableSource } from './unreadable-source.js';

export interface TitleColumns {
  /** Column of item ids. Guessed: a usual name of an item column, or `id`. */
  readonly id?: string | undefined;
  /** Guessed: `title`, `name`, or one that ends so. */
  readonly title?: string | undefined;
}

/**
 * Titles of items by id as text (`String(itemId)`), from a CSV, Parquet or JSON file; also from
 * MovieLens' `movies.dat` and `u.item`. Text that is no UTF-8 is read as Latin-1.
 * Rows without id or title are left out; the first title of an id counts.
 * Throws `SourceError` or `ColumnError`.
 */
export async function readTitles(
  file: string,
  options: TitleColumns = {},
): Promise<Map<string, string>> {
  const database = await openDatabase();
  try {
    return await read(database, file, options).catch((error: unknown) => {
      if (!isForeignText(error)) throw error;
      return read(database, file, options, 'latin1');
    });
  } finally {
    await database.close();
  }
}

async function read(database: Database, file: string, given: TitleColumns, encoding?: string) {
  const relation = await openRelation(database, { files: file }, { encoding });
  const { id, title } = titleColumns(relation, given);
  const rows = await database
    .rows(
      `SELECT ${identifier(id.name)}::VARCHAR AS id, ${identifier(title.name)}::VARCHAR AS title ` +
        `FROM ${relation.from()} WHERE id IS NOT NULL AND title IS NOT NULL`,
    )
    .catch((cause: unknown) => {
      throw unreadableSource(relation.name, cause);
    });
  const titles = new Map<string, string>();
  for (const row of rows) {
    if (!titles.has(String(row.id))) titles.set(String(row.id), String(row.title));
  }
  return titles;
}

/** Whether text is in another encoding than UTF-8. */
export function isForeignText(error: unknown): boolean {
  return error instanceof SourceError && /not utf-8 encoded|invalid unicode/i.test(error.message);
}

/**
 * The columns of ids and titles that the options name, or those with usual names; without names, the
 * first two if they are a number and a text.
 */
export function titleColumns({ columns, hasNames }: Relation, given: TitleColumns) {
  const [first, second] = columns;
  const isOrdered = !hasNames && first !== undefined && isInteger(first) && second !== undefined;
  if (
    isOrdered &&
    second.type === 'VARCHAR' &&
    given.id === undefined &&
    given.title === undefined
  ) {
    return { id: first, title: second };
  }
  return {
    id: pick('id', given.id, [...usualItemNames, 'id'], columns),
    title: pick('title', given.title, ['title', 'name', ...titled], columns),
  };
}

const titled = ['itemtitle', 'movietitle', 'booktitle', 'originaltitle', 'itemname', 'productname'];

function pick(
  option: string,
  given: string | undefined,
  names: readonly string[],
  columns: readonly Column[],
): Column {
  if (given !== undefined) return columnNamed(given, columns);
  const column = columnLike(names, columns);
  if (column !== undefined) return column;
  throw new ColumnError(
    'ERR_COLUMN_NOT_FOUND',
    `found no column with a usual name for the ${option} among ${listed(columns)}; ` +
      `expected one like ${JSON.stringify(option)}; name it with the option ${option}`,
  );
}
