import { type Stats, statSync } from 'node:fs';
import { checkNesting } from './check-nesting.js';
import type { Database } from './database.js';
import { checkRegular, isUrl } from './expand-path.js';
import { type FileFormat, formatByEnding } from './input-files.js';
import { literal } from './sql-text.js';

/** A file as a query names it. */
interface NamedFile {
  readonly name: string;
  readonly format: FileFormat;
}

/**
 * Checks the files that a query names: a FIFO would block the query for ever, and would not give
 * the same rows twice; JSON and Parquet that nest too deeply would kill the process. Names that the
 * query computes are not known. DuckDB reports missing files.
 *
 * Throws `SourceError`, and the signal's reason once it aborts.
 */
export async function checkQueryFiles(database: Database, query: string): Promise<void> {
  for (const { name, format } of await namedFiles(database, query)) {
    if (isUrl(name)) continue;
    for (const path of await filesOf(database, name)) {
      const stats = statsOf(path);
      if (stats === undefined || stats.isDirectory()) continue;
      checkRegular(path, stats);
      await checkNesting(path, format, database.signal);
    }
  }
}

/** The texts in a query that stand for files: names of tables, and arguments of table functions. */
async function namedFiles(database: Database, query: string): Promise<NamedFile[]> {
  const [parsed] = await database.column(`SELECT json_serialize_sql(${literal(query)})::VARCHAR`);
  const files: NamedFile[] = [];
  const parts: { part: unknown; reader: string | undefined }[] = [
    { part: JSON.parse(String(parsed)), reader: undefined },
  ];
  for (let next = parts.pop(); next !== undefined; next = parts.pop()) {
    if (typeof next.part !== 'object' || next.part === null) continue;
    const part = next.part as Record<string, unknown>;
    let { reader } = next;
    if (part.type === 'TABLE_FUNCTION') {
      reader = String((part.function as Record<string, unknown>).function_name);
    } else if (part.type === 'BASE_TABLE') {
      const { catalog_name: catalog, schema_name: schema, table_name: table } = part;
      const name = [catalog, schema, table].filter((word) => word !== '').join('.');
      files.push({ name, format: formatByEnding(name) ?? 'csv' });
    } else if (part.type === 'VALUE_CONSTANT' && reader !== undefined) {
      const { value } = part.value as Record<string, unknown>;
      if (typeof value === 'string') files.push({ name: value, format: formatOf(reader, value) });
    }
    for (const child of Object.values(part)) parts.push({ part: child, reader });
  }
  return files;
}

function formatOf(reader: string, name: string): FileFormat {
  if (/json/i.test(reader)) return 'json';
  return /parquet/i.test(reader) ? 'parquet' : (formatByEnding(name) ?? 'csv');
}

async function filesOf(database: Database, name: string): Promise<string[]> {
  if (!/^~|[*?[]/.test(name)) return [name];
  const found = await database
    .column(`SELECT file FROM glob(${literal(name)})`)
    // It is a pattern to DuckDB only.
    .catch(() => []);
  return found.map(String);
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
