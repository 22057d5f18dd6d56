import { ColumnError } from '../errors.js';
import type { Column } from './column-types.js';
import { openDatabase } from './duckdb.js';
import { columnLike, columnNamed, listed, usualItemNames } from './guess-columns.js';
import { openRelation, unreadable } from './relation.js';
import { identifier } from './sql-text.js';

export interface TitleColumns {
  /** Column of item ids. Guessed: a usual name of an item column, or `id`. */
  readonly id?: string | undefined;
  /** Guessed: `title`, `name`, or one that ends so. */
  readonly title?: string | undefined;
}

/**
 * Titles of items by id as text (`String(itemId)`), from a CSV, Parquet or JSON file.
 * Rows without id or title are left out; the first title of an id counts.
 * Throws `SourceError` or `ColumnError`.
 */
export async function readTitles(
  file: string,
  options: TitleColumns = {},
): Promise<Map<string, string>> {
  const database = await openDatabase();
  try {
    const relation = await openRelation(database, { files: file });
    const { columns } = relation;
    const id = pick('id', options.id, [...usualItemNames, 'id'], columns);
    const title = pick('title', options.title, ['title', 'name', ...titled], columns);
    const rows = await database
      .rows(
        `SELECT ${identifier(id.name)}::VARCHAR AS id, ${identifier(title.name)}::VARCHAR AS title ` +
          `FROM ${relation.from([id, title])} WHERE id IS NOT NULL AND title IS NOT NULL`,
      )
      .catch((cause: unknown) => {
        throw unreadable(relation.name, cause);
      });
    const titles = new Map<string, string>();
    for (const row of rows) {
      if (!titles.has(String(row.id))) titles.set(String(row.id), String(row.title));
    }
    return titles;
  } finally {
    await database.close();
  }
}

const titled = ['itemtitle', 'movietitle', 'booktitle', 'originaltitle', 'itemname', 'productname'];

function pick(
  option: string,
  told: string | undefined,
  names: readonly string[],
  columns: readonly Column[],
): Column {
  if (told !== undefined) return columnNamed(told, columns);
  const column = columnLike(names, columns);
  if (column !== undefined) return column;
  throw new ColumnError(
    'ERR_COLUMN_NOT_FOUND',
    `found no column with a usual name for the ${option} among ${listed(columns)}; ` +
      `expected one like ${JSON.stringify(option)}; name it with the option ${option}`,
  );
}
