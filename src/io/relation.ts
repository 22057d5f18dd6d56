import { InvalidOptionError, SourceError } from '../errors.js';
import { checkCompressed } from './check-compressed.js';
import { checkNesting } from './check-nesting.js';
import { type Column, isTime } from './column-types.js';
import { openCsv } from './csv-relation.js';
import type { Database } from './database.js';
import { asPattern, emptyFile } from './expand-path.js';
import type { InputFile } from './input-file.js';
import { type FileName, formatOf, inputFiles } from './input-files.js';
import { findBadJson, isNoObject, placeOfJson } from './json-faults.js';
import { checkPartitions, partitionsOf } from './partitions.js';
import { checkQueryFiles } from './query-files.js';
import type { FileOptions } from './read-options.js';
import { fileColumn, placeColumn, type Relation } from './relation-contract.js';
import { identifier, literal, reasonOf } from './sql-text.js';
import { unreadableSource } from './unreadable-source.js';

/** Where rows come from: files of one format, or an SQL query. */
export type Source = { readonly files: FileName | readonly FileName[] } | { readonly sql: string };

/** How files are opened. */
export interface RelationOptions extends FileOptions {
  /** Names of columns that options give. */
  readonly columns?: readonly string[] | undefined;
  /** Whether they may be http: or https: URLs. Default no. */
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
  options: RelationOptions = {},
): Promise<Relation> {
  if ('sql' in source) return openQuery(database, source.sql);
  const names = [source.files].flat() as readonly FileName[];
  const isName = (name: unknown) =>
    (typeof name === 'string' && name !== '') || name instanceof URL;
  if (names.length === 0 || !names.every(isName)) {
    throw new InvalidOptionError('files', names, 'a path or a list of at least one path');
  }
  const { hive = false } = options;
  const { network = false } = options;
  const files = await inputFiles(database, names, { hive, network });
  const name = names.length === 1 ? String(names[0]) : `${names[0]} and ${names.length - 1} more`;
  if (!database.isTrusted) await checkReach(database, files, name);
  const format = await formatOf(files);
  for (const { path } of files) await checkNesting(path, format, database.signal);
  checkCsvOptions(format, options);
  const partitions = hive ? files.flatMap(({ path }) => partitionsOf(path)) : [];
  if (format === 'csv') return openCsv(database, files, { ...options, hive }, name);
  const patterns = files.map(({ path }) => asPattern(path));
  // As they are, for what DuckDB opens, and as they stand in the SQL.
  await database.confine([...files.map(({ path }) => path), ...patterns]);
  const list = `[${patterns.map(literal).join(', ')}]`;
  const union = `union_by_name = ${files.length > 1}`;
  if (partitions.length > 0) {
    const plain = `read_${format}(${list}, hive_partitioning = false, ${union})`;
    checkPartitions(partitions, await describe(database, plain, name), name);
  }
  const reader = `${list}, hive_partitioning = ${hive}, ${union}`;
  const relation =
    format === 'parquet'
      ? await openParquet(database, reader, patterns, name)
      : await openJson(database, reader, name, files);
  // A file without content has a single made-up column.
  if (relation.columns.length === 1 && (await isEmpty(database, relation))) throw emptyFile(name);
  const checkWhole = () => checkCompressed(files, database.signal);
  const places = async (path: string, row: number) => {
    const file = files.find((one) => one.path === path || asPattern(one.path) === path);
    if (file === undefined) return undefined;
    return format === 'json' ? placeOfJson(file, row) : { file: file.name, row };
  };
  const columnsOfFiles = () =>
    Promise.all(
      files.map(async ({ path, name }) => {
        const sampled = format === 'json' ? ', sample_size = -1' : '';
        const from = `read_${format}(${literal(asPattern(path))}${sampled})`;
        const columns = await describe(database, from, name);
        return { file: name, names: columns.map((column) => column.name) };
      }),
    );
  const read = { ...relation, isFile: true, checkWhole, places, columnsOfFiles };
  if (format !== 'parquet') return read;
  return { ...read, badColumn: () => findBadColumn(database, files) };
}

/**
 * Throws `SourceError` for a file that the database does not read, such as a link out of its folders:
 * one that is copied would be read all the same.
 */
async function checkReach(
  database: Database,
  files: readonly InputFile[],
  name: string,
): Promise<void> {
  const paths = files.map(({ path }) => literal(asPattern(path)));
  try {
    // Opens the files without reading them.
    await database.rows(`SELECT size FROM read_blob([${paths.join(', ')}])`);
  } catch (cause) {
    throw unreadableSource(name, cause);
  }
}

/** Throws `InvalidOptionError` for options of text files beside others. */
function checkCsvOptions(format: string, options: FileOptions): void {
  if (format === 'csv') return;
  for (const option of ['encoding', 'delimiter', 'header', 'skipBadRows'] as const) {
    const value = options[option];
    if (value === undefined || value === false) continue;
    throw new InvalidOptionError(
      option,
      `found ${option} with ${format} files; expected it with CSV alone; leave it out`,
    );
  }
}

async function isEmpty(database: Database, relation: Relation): Promise<boolean> {
  try {
    const rows = await database.rows(`SELECT 1 FROM ${relation.from()} LIMIT 1`);
    return rows.length === 0;
  } catch (cause) {
    throw unreadableSource(relation.name, cause);
  }
}

async function openQuery(database: Database, sql: string): Promise<Relation> {
  if (typeof sql !== 'string' || sql.trim() === '') {
    throw new InvalidOptionError('sql', sql, 'a SELECT statement');
  }
  // The line break ends a comment in the last line.
  const from = `(${sql.trim().replace(/;$/, '')}\n)`;
  // Where SQL is not trusted, DuckDB is in a process that may die, and reads no other files anyway.
  if (database.isTrusted) await checkQueryFiles(database, `FROM ${from}`);
  return openPlain(database, from, 'the query');
}

async function openPlain(database: Database, from: string, name: string): Promise<Relation> {
  const columns = await describe(database, from, name);
  return { columns, from: () => from, isCsv: false, hasNames: true, isFile: false, name };
}

async function openParquet(
  database: Database,
  reader: string,
  patterns: readonly string[],
  name: string,
): Promise<Relation> {
  const from = (withFile = false) => `read_parquet(${reader}${withFile ? namedFile : ''})`;
  const relation = await openPlain(database, from(), name);
  // Columns of these names would hide those of DuckDB's.
  const isHidden = relation.columns.some((column) =>
    /^file_(index|row_number)$/i.test(column.name),
  );
  if (isHidden) return { ...relation, from };
  const placed = async () => {
    const before = patterns.length === 1 ? '' : `${await startsOf(database, patterns)} + `;
    return `(SELECT *, ${before}file_row_number AS ${identifier(placeColumn)} FROM ${from()})`;
  };
  return { ...relation, from, placed };
}

/** SQL for the number of rows in all files of Parquet before that of a row. */
async function startsOf(database: Database, patterns: readonly string[]): Promise<string> {
  const starts = [0];
  for (const pattern of patterns.slice(0, -1)) {
    const [count] = await database.column(
      `SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata(${literal(pattern)})`,
    );
    starts.push(starts.at(-1)! + Number(count));
  }
  return `list_extract([${starts.join(', ')}]::BIGINT[], file_index::BIGINT + 1)`;
}

async function findBadColumn(
  database: Database,
  files: readonly InputFile[],
): Promise<SourceError | undefined> {
  for (const { path, name } of files) {
    const from = `read_parquet(${literal(asPattern(path))})`;
    for (const column of await describe(database, from, name)) {
      const value = identifier(column.name);
      try {
        // A mere count would not read the values.
        await database.rows(`SELECT sum(hash(${value})) AS sum FROM ${from}`);
      } catch (cause) {
        database.signal?.throwIfAborted();
        return new SourceError(
          'ERR_UNREADABLE_SOURCE',
          `found column ${JSON.stringify(column.name)} of ${name} damaged: ${reasonOf(cause)}; ` +
            'expected a whole Parquet file; copy or write it again',
          { cause, file: name },
        );
      }
    }
  }
  return undefined;
}

/** An option of DuckDB's readers. */
const namedFile = `, filename = ${literal(fileColumn)}`;

/**
 * JSON objects. Types are those of all rows, and what only looks like a time or a UUID is text as it
 * stands.
 */
async function openJson(
  database: Database,
  reader: string,
  name: string,
  files: readonly InputFile[],
): Promise<Relation> {
  const describeBy = (reader: string) =>
    describe(database, `read_json(${reader}, sample_size = -1)`, name);
  let described = await describeBy(reader).catch(async (error: unknown) => {
    throw (isMalformed(error) ? await findBadJson(files) : undefined) ?? error;
  });
  if (isNoObject(described)) {
    // DuckDB takes a list after a byte order mark for one value.
    const asList = `${reader}, format = 'array'`;
    const elements = await describeBy(asList).catch(() => described);
    if (!isNoObject(elements)) [described, reader] = [elements, asList];
  }
  if (isNoObject(described)) {
    const error = await findBadJson(files);
    if (error !== undefined) throw error;
  }
  const columns = described.map((column) =>
    isTime(column) || /^(UUID|TIME)$/.test(column.type) ? { ...column, isText: true } : column,
  );
  const typed = columns.map(
    ({ name, type, isText = false }) => `${literal(name)}: ${literal(isText ? 'VARCHAR' : type)}`,
  );
  const from = (withFile = false) =>
    `read_json(${reader}, columns = {${typed.join(', ')}}${withFile ? namedFile : ''})`;
  return { columns, from, isCsv: false, hasNames: true, isFile: true, name };
}

function isMalformed(error: unknown): boolean {
  return error instanceof SourceError && error.code === 'ERR_UNREADABLE_SOURCE';
}

async function describe(database: Database, from: string, name: string): Promise<Column[]> {
  try {
    const rows = await database.rows(`DESCRIBE SELECT * FROM ${from}`);
    return rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
  } catch (cause) {
    throw unreadableSource(name, cause);
  }
}
