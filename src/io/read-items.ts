import { type Column, isNumber } from './column-types.js';
import type { Database } from './database.js';
import { openDatabase } from './duckdb.js';
import { columnLike } from './guess-columns.js';
import { isForeignText, titleColumns } from './read-titles.js';
import { openRelation } from './relation.js';
import { identifier } from './sql-text.js';
import { unreadableSource } from './unreadable-source.js';

/** What a file says of an item, ids and values as text. */
export interface ItemRow {
  readonly itemId: string;
  readonly title?: string;
  readonly categories?: readonly string[];
  /** All other columns that have a value. */
  readonly attributes?: Readonly<Record<string, string | number>>;
}

const categoryNames = ['category', 'categories', 'genre', 'genres', 'tags'];

/**
 * What a CSV, Parquet or JSON file says of items: a column of ids as ratings have it, one of
 * titles, both as `readTitles` finds them; one of categories (`category`, `genres` and the like;
 * several with `|`, `;` or `,` between, or a list); and all others as attributes. The first row of an
 * id counts.
 * Throws `SourceError` or `ColumnError`.
 */
export async function readItems(file: string): Promise<ItemRow[]> {
  const database = await openDatabase();
  try {
    return await read(database, file).catch((error: unknown) => {
      if (!isForeignText(error)) throw error;
      return read(database, file, 'latin1');
    });
  } finally {
    await database.close();
  }
}

async function read(database: Database, file: string, encoding?: string): Promise<ItemRow[]> {
  const relation = await openRelation(database, { files: file }, { encoding });
  const { columns } = relation;
  const { id, title } = titleColumns(relation, {});
  const category = columnLike(categoryNames, columns);
  const rest = columns.filter((column) => ![id, title, category].includes(column));
  const numbers = rest.filter((column) => isNumber(column) && column.type !== 'BOOLEAN');
  const selected = columns.map((column) => {
    const name = identifier(column.name);
    return `${name}::${numbers.includes(column) ? 'DOUBLE' : 'VARCHAR'} AS ${name}`;
  });
  const rows = await database
    .rows(`SELECT ${selected.join(', ')} FROM ${relation.from()}`)
    .catch((cause: unknown) => {
      throw unreadableSource(relation.name, cause);
    });
  const items = new Map<string, ItemRow>();
  for (const row of rows) {
    const itemId = row[id.name];
    if (itemId === null || itemId === undefined || items.has(String(itemId))) continue;
    items.set(String(itemId), itemOf(String(itemId), row, { title, category, rest }));
  }
  return [...items.values()];
}

interface ItemColumns {
  readonly title: Column;
  readonly category: Column | undefined;
  readonly rest: readonly Column[];
}

function itemOf(
  itemId: string,
  row: Readonly<Record<string, unknown>>,
  { title, category, rest }: ItemColumns,
): ItemRow {
  const attributes = rest.flatMap(({ name }) => {
    const value = row[name];
    return value === null || value === undefined ? [] : [[name, value as string | number] as const];
  });
  const named = row[title.name];
  const categories = category && categoriesOf(row[category.name]);
  return {
    itemId,
    ...(named !== undefined && named !== null && { title: String(named) }),
    ...(categories && categories.length > 0 && { categories }),
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
  };
}

/** `Drama|War`, `Drama, War` and the text of a list, `[Drama, War]`. */
function categoriesOf(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  return String(value)
    .replace(/^\[(.*)\]$/s, '$1')
    .split(/[|;,]/)
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== '(no genres listed)');
}
