import { stat } from 'node:fs/promises';
import { ColumnError, InvalidOptionError, SourceError } from '../errors.js';
import type { Column } from './column-types.js';
import { type Encoding, findDialect } from './csv-dialect.js';
import type { Database } from './duckdb.js';
import { literal, reasonOf } from './sql-text.js';

/** Where rows come from: files (paths, globs or URLs) of one format, or an SQL query. */
export type Source = { readonly files: string | readonly string[] } | { readonly sql: string };

/** Rows that SQL can select from. */
export interface Relation {
  readonly columns: readonly Column[];
  /**
   * SQL to put after FROM. Columns in `asText` of a CSV file are not parsed: whether all of them
   * are numbers is known only after the last row, and 007 is not 7. Other formats know their types.
   */
  from(asText: readonly Column[]): string;
  /** Whether columns can be had as text, as in CSV. */
  readonly isCsv: boolean;
  /** Whether the source names its columns; else they are column0, column1, … */
  readonly hasNames: boolean;
  /** Whether it is files, not a query. */
  readonly isFile: boolean;
  /** What it is, for messages. */
  readonly name: string;
}

/** Files of one format, checked. */
interface Files {
  readonly format: 'csv' | 'parquet' | 'json';
  readonly first: string;
  /** All of them as the first arguments of DuckDB's reader. */
  readonly list: string;
  readonly name: string;
  readonly encoding: Encoding;
}

/**
 * Looks at a source: its columns, and whether it can be read at all.
 * Throws `SourceError` with the reason, or `InvalidOptionError`.
 *
 * @param encoding of text files
 */
export async function openRelation(
  database: Database,
  source: Source,
  encoding: Encoding = 'utf-8',
): Promise<Relation> {
  if ('sql' in source) return openQuery(database, source.sql);
  const paths = typeof source.files === 'string' ? [source.files] : source.files;
  if (paths.length === 0 || !paths.every((path) => typeof path === 'string' && path !== '')) {
    throw new InvalidOptionError('files', paths, 'a path or a list of at least one path');
  }
  const files: string[] = [];
  for (const path of paths) files.push(...(await expand(database, path)));
  const name = paths.length === 1 ? paths[0]! : `${paths[0]} and ${paths.length - 1} more`;
  const byName = files.length > 1 ? ', union_by_name = true' : '';
  const list = `[${files.map(literal).join(', ')}]${byName}`;
  const relation = await openFiles(database, {
    format: formatOf(files),
    first: files[0]!,
    list,
    name,
    encoding,
  });
  // A compressed file without content, or one of blank lines, has a single made-up column.
  if (relation.columns.length === 1 && (await isEmpty(database, relation))) throw emptyFile(name);
  return relation;
}

/** Whether DuckDB was told not to read that. */
export function isForbidden(reason: string): boolean {
  return reason.startsWith('Permission Error');
}

/** Turns what DuckDB throws while it reads a relation into an error of ours. */
export function unreadable(name: string, cause: unknown): SourceError | ColumnError {
  const reason = reasonOf(cause);
  // Only casts of CSV columns for `where` can fail on a value; everything else is cast tolerantly.
  if (reason.startsWith('Conversion Error')) {
    return new ColumnError(
      'ERR_COLUMN_TYPE',
      `found a value that its column cannot hold in ${name}: ${reason}; ` +
        'expected one type in a column; correct the value',
      { cause },
    );
  }
  if (isForbidden(reason)) {
    return new SourceError(
      'ERR_FORBIDDEN_SOURCE',
      `found ${name} out of bounds: ${reason}; expected files in the data folders of this worker; ` +
        'move it there, or start the worker with its folder as --data',
      { cause },
    );
  }
  return new SourceError(
    'ERR_UNREADABLE_SOURCE',
    `found ${name} unreadable: ${reason}; expected CSV, TSV, Parquet, JSON or a SELECT statement; ` +
      'check its content',
    { cause },
  );
}

async function openFiles(database: Database, files: Files): Promise<Relation> {
  const { format, list, name } = files;
  switch (format) {
    case 'csv':
      return openCsv(database, files);
    case 'parquet':
      return { ...(await openPlain(database, `read_parquet(${list})`, name)), isFile: true };
    case 'json':
      return { ...(await openPlain(database, `read_json(${list})`, name)), isFile: true };
  }
}

async function isEmpty(database: Database, relation: Relation): Promise<boolean> {
  try {
    const rows = await database.rows(`SELECT 1 FROM ${relation.from([])} LIMIT 1`);
    return rows.length === 0;
  } catch (cause) {
    throw unreadable(relation.name, cause);
  }
}

async function openQuery(database: Database, sql: string): Promise<Relation> {
  if (typeof sql !== 'string' || sql.trim() === '') {
    throw new InvalidOptionError('sql', sql, 'a SELECT statement');
  }
  // The line break ends a comment in the last line.
  return openPlain(database, `(${sql.trim().replace(/;$/, '')}\n)`, 'the query');
}

async function openPlain(database: Database, from: string, name: string): Promise<Relation> {
  const columns = await describe(database, from, name);
  return { columns, from: () => from, isCsv: false, hasNames: true, isFile: false, name };
}

async function openCsv(database: Database, { first, list, name, encoding }: Files) {
  const { sql, hasHeader } = await findDialect(database, first, encoding).catch(
    (cause: unknown) => {
      throw unreadable(name, cause);
    },
  );
  const from = (asText: readonly Column[]) => {
    const types = asText.map((column) => `${literal(column.name)}: 'VARCHAR'`).join(', ');
    return `read_csv(${list}, ${sql}${types === '' ? '' : `, types = {${types}}`})`;
  };
  const columns = await describe(database, from([]), name);
  return {
    columns: columns.map((column) => ({ ...column, isText: true })),
    from,
    isCsv: true,
    hasNames: hasHeader,
    isFile: true,
    name,
  };
}

async function describe(database: Database, from: string, name: string): Promise<Column[]> {
  try {
    const rows = await database.rows(`DESCRIBE SELECT * FROM ${from}`);
    return rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

/** Files behind a path, as DuckDB wants them: pattern characters of real names are escaped. */
async function expand(database: Database, path: string): Promise<string[]> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return [path];
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw unreadable(path, cause);
  });
  if (found?.isDirectory()) {
    throw new SourceError(
      'ERR_IS_DIRECTORY',
      `found a directory at ${path}; expected a file; try a pattern such as ${path}/*.csv`,
    );
  }
  if (found?.size === 0 && found.isFile()) throw emptyFile(path);
  if (found !== undefined) return [escapePattern(path)];
  if (/[*?[]/.test(path)) {
    const files = await database.column(`SELECT file FROM glob(${literal(path)}) ORDER BY file`);
    if (files.length > 0) return files.map((file) => escapePattern(String(file)));
  }
  throw new SourceError(
    'ERR_FILE_NOT_FOUND',
    `found no file ${path}; expected a file that exists; check the path, it is relative to ` +
      'the current directory',
  );
}

/** A file without a single row. */
export function emptyFile(name: string): SourceError {
  return new SourceError(
    'ERR_EMPTY_FILE',
    `found no rows in ${name}; expected one rating a row; check that it was written completely`,
  );
}

function escapePattern(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
}

function formatOf(files: readonly string[]): Files['format'] {
  const formats = new Set(
    files.map((file): Files['format'] => {
      const plain = file.toLowerCase().replace(/\.(gz|zst)$/, '');
      if (/\.(parquet|pq)$/.test(plain)) return 'parquet';
      return /\.(json|ndjson|jsonl)$/.test(plain) ? 'json' : 'csv';
    }),
  );
  if (formats.size === 1) return [...formats][0]!;
  throw new InvalidOptionError(
    'files',
    [...formats].join(' and '),
    'files of one format; try one read for each',
  );
}
