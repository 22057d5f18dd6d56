import { ColumnError, InvalidOptionError, SourceError } from '../errors.js';
import { checkNesting } from './check-nesting.js';
import type { Column } from './column-types.js';
import { type Encoding, findDialect } from './csv-dialect.js';
import type { Database } from './duckdb.js';
import { asPattern, emptyFile, expandPath, isUrl } from './expand-path.js';
import { literal, reasonOf } from './sql-text.js';
import { systemRefusal } from './system-failure.js';

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

/** How files are opened. */
export interface RelationOptions {
  /** Of text files. Default `utf-8`. */
  readonly encoding?: Encoding | undefined;
  /** Whether they may be URLs. Default no. */
  readonly network?: boolean | undefined;
}

/**
 * Looks at a source: its columns, and whether it can be read at all. The database reads nothing but
 * its files from here on.
 * Throws `SourceError` with the reason, or `InvalidOptionError`.
 */
export async function openRelation(
  database: Database,
  source: Source,
  { encoding = 'utf-8', network = false }: RelationOptions = {},
): Promise<Relation> {
  if ('sql' in source) return openQuery(database, source.sql);
  const paths = typeof source.files === 'string' ? [source.files] : source.files;
  if (paths.length === 0 || !paths.every((path) => typeof path === 'string' && path !== '')) {
    throw new InvalidOptionError('files', paths, 'a path or a list of at least one path');
  }
  const files: string[] = [];
  for (const path of paths) files.push(...(await expandPath(database, path, network)));
  // As they are, for what DuckDB opens, and as they stand in the SQL.
  const patterns = files.map(asPattern);
  await database.confine([...files, ...patterns]);
  const format = formatOf(files);
  for (const file of files) {
    if (!isUrl(file)) await checkNesting(file, format, database.signal);
  }
  const name = paths.length === 1 ? paths[0]! : `${paths[0]} and ${paths.length - 1} more`;
  const byName = files.length > 1 ? ', union_by_name = true' : '';
  const list = `[${patterns.map(literal).join(', ')}]${byName}`;
  const relation = await openFiles(database, {
    format,
    first: patterns[0]!,
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
  const refusal = systemRefusal(name, cause);
  if (refusal !== undefined) return refusal;
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
  if (/^(Missing Extension|Extension) Error/.test(reason)) {
    return new SourceError(
      'ERR_UNREADABLE_SOURCE',
      `found ${name} to need an extension of DuckDB's: ${reason}; expected files of this machine; ` +
        'try network: true (--network on the command line), which installs and loads it',
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
