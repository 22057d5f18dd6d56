import { SourceError } from '../errors.js';
import type { SkippedRows } from '../ratings/ratings.js';
import type { Column } from './column-types.js';
import { type CsvFile, countRows, findBadLine, findRow } from './csv-file.js';
import type { Database } from './database.js';
import { asPattern, emptyFile } from './expand-path.js';
import type { InputFile } from './input-file.js';
import { type CsvOptions, openCsvFile } from './open-csv-file.js';
import { checkPartitions, partitionsOf } from './partitions.js';
import { type FileLine, fileColumn, type Relation } from './relation-contract.js';
import { quotedLine } from './source-errors.js';
import { identifier, literal } from './sql-text.js';
import { likelyType, textType } from './text-type.js';

/**
 * Rows of CSV files as text. Every line is a row of as many fields as the header names, or an error;
 * with `skipBadRows` lines of other fields are left out and noted.
 *
 * Throws `SourceError` for a bad line at the beginning of a file, if only some files have a header,
 * and for a file that is not CSV.
 */
export async function openCsv(
  database: Database,
  inputs: readonly InputFile[],
  { hive, ...options }: CsvOptions & { readonly hive: boolean },
  name: string,
): Promise<Relation> {
  const files: CsvFile[] = [];
  for (const input of inputs) {
    const before = files[0]?.dialect.hasHeader ? files[0].dialect.names : undefined;
    const file = await openCsvFile(database, input, { ...options, before }).catch(
      (error: unknown) => {
        throw before !== undefined && isUndecided(error)
          ? withoutHeader(input.name, files[0]!)
          : error;
      },
    );
    if (files.length > 0) checkAlike(files[0]!, file);
    files.push(file);
  }
  if (files.every(({ dialect }) => dialect.sample.length === 0)) throw emptyFile(name);
  const paths = files.map(readPath);
  await database.confine([...paths, ...paths.map(asPattern)]);
  // Files that one thread reads: one that begins inside quotes with line ends in them may not see it,
  // and refuse a good file.
  const together = new Set(
    files.filter(({ dialect }) => dialect.sample.some(({ text }) => /[\r\n]/.test(text))),
  );
  const countAll = async () => {
    let count = 0;
    for (const file of files) {
      const { rowCount, hasLinesInQuotes } = await countRows(file, database.signal);
      count += rowCount;
      if (hasLinesInQuotes) together.add(file);
    }
    return count;
  };
  let counted: Promise<number> | undefined;
  const from = (withFile = false) =>
    unionOf(
      files.map((file) => [
        readingOf(file, { hive, withFile, isTogether: together.has(file) }),
        readPath(file),
      ]),
    );
  const columns = columnsOf(files);
  const folders = hive ? hiveColumns(files) : [];
  checkPartitions(
    folders.map((folder) => [folder.name]),
    columns,
    name,
  );
  return {
    columns: [...columns, ...folders],
    from,
    isCsv: true,
    hasNames: files[0]!.dialect.hasHeader,
    isFile: true,
    name,
    places: async (path, number) => {
      const file = files.find((candidate) => readPath(candidate) === path);
      const record = file && (await findRow(file, number, database.signal));
      return record && { file: file!.name, line: record.line, text: record.text };
    },
    columnsOfFiles: async () =>
      files.map(({ name, dialect }) => ({ file: name, names: dialect.names })),
    text: {
      files,
      badLine: async () => {
        for (const file of files) {
          const error = await findBadLine(file, database.signal);
          if (error !== undefined) return error;
        }
        return undefined;
      },
      countRows: () => {
        counted ??= countAll();
        return counted;
      },
      skipped: skippedOf(files),
    },
  };
}

/** What DuckDB reads of a file. */
function readPath({ path, copy }: CsvFile): string {
  return copy?.path ?? path;
}

/** Lines that are left out of all files. */
function skippedOf(files: readonly CsvFile[]): SkippedRows {
  let count = 0;
  let first: FileLine | undefined;
  for (const { name, copy } of files) {
    if (copy === undefined) continue;
    const { skipped } = copy;
    count += skipped.count;
    first ??= skipped.first && { file: name, line: skipped.first.line, text: skipped.first.text };
  }
  return { count, first };
}

function isUndecided(error: unknown): boolean {
  return error instanceof SourceError && /may be names or a row/.test(error.message);
}

/** Either all files have a header or none has, and then all have as many columns. */
function checkAlike(first: CsvFile, file: CsvFile): void {
  if (first.dialect.hasHeader && !file.dialect.hasHeader)
    throw withoutHeader(file.name, first, file);
  if (!first.dialect.hasHeader && file.dialect.hasHeader)
    throw withoutHeader(first.name, file, first);
  const [width, wanted] = [file.dialect.names.length, first.dialect.names.length];
  if (first.dialect.hasHeader || width === wanted) return;
  throw new SourceError(
    'ERR_BAD_LINE',
    `found ${width} fields a line in ${file.name}; expected ${wanted} as in ${first.name}; ` +
      'read them one by one',
    { file: file.name, line: 1 },
  );
}

function withoutHeader(name: string, other: CsvFile, file?: CsvFile): SourceError {
  const { line = 1, text = '' } = file?.dialect.sample[0] ?? {};
  return new SourceError(
    'ERR_BAD_LINE',
    `found no header in line ${line} of ${name}${text === '' ? '' : ` (${quotedLine(text)})`}; expected ` +
      `${other.dialect.names.join(',')} as in ${other.name}; add it; if a program cut the file, join its parts first`,
    { file: name, line },
  );
}

/** Names and types of all files' columns; types are what the beginnings suggest. */
function columnsOf(files: readonly CsvFile[]): Column[] {
  const columns = new Map<string, Column>();
  for (const { dialect } of files) {
    for (const [at, name] of dialect.names.entries()) {
      if (columns.has(name.toLowerCase())) continue;
      const values = dialect.sample.map(({ fields }) => fields[at] ?? '');
      const isPadded = dialect.sample.some(
        ({ fields, quoted }) =>
          !quoted[at] && fields[at] !== undefined && fields[at] !== fields[at].trim(),
      );
      const type = likelyType(values.filter((value) => value.trim() !== ''));
      columns.set(name.toLowerCase(), { name, type, isText: true, isPadded });
    }
  }
  return [...columns.values()];
}

/** Columns that folders such as year=2024 name, as text. */
function hiveColumns(files: readonly CsvFile[]): Column[] {
  const values = new Map<string, string[]>();
  for (const { path } of files) {
    for (const [name, value] of partitionsOf(path)) {
      values.set(name, [...(values.get(name) ?? []), value]);
    }
  }
  return [...values].map(
    ([name, texts]): Column => ({ name, type: textType(texts), isText: true }),
  );
}

/** Reads neighbours that are written alike together. */
function unionOf(readings: readonly (readonly [(paths: readonly string[]) => string, string])[]) {
  const groups: {
    readonly read: (paths: readonly string[]) => string;
    readonly paths: string[];
  }[] = [];
  for (const [read, path] of readings) {
    const last = groups.at(-1);
    if (last !== undefined && last.read(['']) === read([''])) last.paths.push(path);
    else groups.push({ read, paths: [path] });
  }
  const parts = groups.map(({ read, paths }) => read(paths));
  if (parts.length === 1) return parts[0]!;
  return `(${parts.map((part) => `SELECT * FROM ${part}`).join(' UNION ALL BY NAME ')})`;
}

interface ReadingOptions {
  readonly hive: boolean;
  readonly withFile: boolean;
  /** Whether one thread reads the whole file. */
  readonly isTogether: boolean;
}

/** SQL that reads files which are written as `file` is. */
function readingOf(
  { path, compression, dialect, copy }: CsvFile,
  { hive, withFile, isTogether }: ReadingOptions,
): (paths: readonly string[]) => string {
  const { delimiter, quote, names, skip, ending } = dialect;
  const isPlain = copy !== undefined;
  // The path of a copy does not have the folders of its file.
  const folders = hive && isPlain ? partitionsOf(path) : [];
  const options = (columns: readonly string[], fields: string) =>
    `auto_detect = false, header = false, skip = ${isPlain ? 0 : skip}, ${fields}, strict_mode = true, ` +
    `parallel = ${!isTogether}, null_padding = false, compression = ${literal(isPlain ? 'none' : compression)}, ` +
    `hive_partitioning = ${hive && !isPlain}, hive_types_autocast = false, ` +
    `columns = {${columns.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ')}}` +
    (withFile ? `, filename = ${literal(fileColumn)}` : '');
  const list = (paths: readonly string[]) => `[${paths.map(asPattern).map(literal).join(', ')}]`;
  if (isPlain) {
    const read = (paths: readonly string[]) =>
      `read_csv(${list(paths)}, ${options(names, `delim = ',', quote = '"', escape = '"', new_line = '\\n'`)})`;
    if (folders.length === 0) return read;
    const values = folders.map(([name, value]) => `${literal(value)} AS ${identifier(name)}`);
    return (paths) => `(SELECT *, ${values.join(', ')} FROM ${read(paths)})`;
  }
  if (delimiter !== ' ') {
    const lineEnd = { '\n': '\\n', '\r': '\\r' }[ending];
    const fields =
      `delim = ${literal(delimiter)}, quote = ${literal(quote)}, escape = ${literal(dialect.escape)}` +
      // DuckDB misreads files if the line end is given as CRLF, and detects it itself.
      (lineEnd === undefined ? '' : `, new_line = '${lineEnd}'`);
    return (paths) => `read_csv(${list(paths)}, ${options(names, fields)})`;
  }
  // DuckDB's reader knows no runs of blanks: it reads lines, which are split here.
  const parts = names.map(
    (name, at) =>
      `CASE WHEN len(parts) = ${names.length} THEN parts[${at + 1}] ` +
      `ELSE error('a line of other fields') END AS ${identifier(name)}`,
  );
  const lines = options(['seesaw line'], "delim = '\x01', quote = '', escape = ''");
  return (paths) =>
    `(SELECT * EXCLUDE (parts), ${parts.join(', ')} FROM (SELECT * EXCLUDE ("seesaw line"), ` +
    `string_split_regex(trim("seesaw line", ' \t'), '[ \t]+') AS parts ` +
    `FROM read_csv(${list(paths)}, ${lines}) WHERE trim("seesaw line", ' \t') <> ''))`;
}
