import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { openDatabase } from '../io/duckdb.js';
import { removeAbandoned } from '../io/files/remove-abandoned.js';
import { withToken } from '../io/files/writer-token.js';
import { literal } from '../io/sql-text.js';
import type { Id } from '../ratings/id-vocabulary.js';
import { UsageError } from './exit-status.js';
import { jsonLine } from './json-line.js';
import { outputFault } from './write-output.js';

/** A row of a file of lists. */
export interface ListRow {
  readonly userId: Id;
  /** Place in the user's list, from 1. */
  readonly rank: number;
  readonly itemId: Id;
  readonly score: number;
  /** Of the item, in a file with titles. */
  readonly title?: string;
}

/** How a file of lists is written; its name's ending says which. */
export type ListFormat = 'csv' | 'ndjson' | 'parquet';

/** What the columns of ids hold: whole numbers of at most 64 bits, or text. */
export interface ListColumns {
  readonly userId: 'BIGINT' | 'VARCHAR';
  readonly itemId: 'BIGINT' | 'VARCHAR';
  readonly hasTitles: boolean;
}

const formats: Readonly<Record<string, ListFormat>> = {
  '.csv': 'csv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.parquet': 'parquet',
};

/** The format that a file's name asks for. Throws `UsageError`. */
export function listFormatOf(file: string): ListFormat {
  const format = formats[extname(file).toLowerCase()];
  if (format !== undefined) return format;
  throw new UsageError(
    `found --output ${file}; expected a name that ends in ${Object.keys(formats).join(', ')}`,
  );
}

/**
 * Writes rows into a file as they come, beside it and renamed when all are there: a failure leaves
 * what lay there, and what a killed process left goes. Parquet goes through CSV on disk, so memory does not grow with the rows.
 *
 * @returns how many rows were written
 * Throws the operating system's error, what `blocks` throws, and the signal's reason.
 */
export function writeLists(
  file: string,
  format: ListFormat,
  columns: ListColumns,
  blocks: AsyncIterable<readonly ListRow[]>,
  signal: AbortSignal,
): Promise<number> {
  return withToken(async (token) => {
    const rows = `${file}.${token}.rows.tmp`;
    const table = `${file}.${token}.tmp`;
    try {
      await checkPlace(file);
      await removeAbandoned(file);
      const count = await writeRows(rows, format, columns, blocks, signal);
      if (format === 'parquet') await toParquet(rows, table, columns, signal);
      signal.throwIfAborted();
      await rename(format === 'parquet' ? table : rows, file);
      return count;
    } catch (cause) {
      signal.throwIfAborted();
      throw outputFault(cause, file);
    } finally {
      await rm(rows, { force: true });
      await rm(table, { force: true });
    }
  });
}

/** Throws the error that renaming would end with, before the lists are made. */
async function checkPlace(file: string): Promise<void> {
  const stats = await stat(file).catch(() => undefined);
  if (stats !== undefined && !stats.isFile()) {
    throw Object.assign(new Error('something else than a file'), { code: 'EISDIR' });
  }
}

async function writeRows(
  path: string,
  format: ListFormat,
  { hasTitles }: ListColumns,
  blocks: AsyncIterable<readonly ListRow[]>,
  signal: AbortSignal,
): Promise<number> {
  const names = ['userId', 'rank', 'itemId', 'score', ...(hasTitles ? ['title'] : [])] as const;
  const lineOf =
    format === 'ndjson'
      ? jsonLine
      : (row: ListRow) =>
          `${names.map((name) => csvField(row[name as keyof ListRow] ?? '')).join(',')}\n`;
  const file: FileHandle = await open(path, 'wx');
  let count = 0;
  try {
    if (format !== 'ndjson') await file.writeFile(`${names.join(',')}\n`);
    for await (const rows of blocks) {
      signal.throwIfAborted();
      await file.writeFile(rows.map(lineOf).join(''));
      count += rows.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return count;
}

/** Text is quoted always, so that it never reads as a number or as nothing. */
function csvField(value: string | number | bigint): string {
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value);
}

async function toParquet(
  from: string,
  to: string,
  { userId, itemId, hasTitles }: ListColumns,
  signal: AbortSignal,
): Promise<void> {
  const types = { userId, rank: 'INTEGER', itemId, score: 'FLOAT' };
  const columns = Object.entries(hasTitles ? { ...types, title: 'VARCHAR' } : types)
    .map(([name, type]) => `${literal(name)}: ${literal(type)}`)
    .join(', ');
  const database = await openDatabase(signal);
  try {
    await database.run(
      `COPY (SELECT * FROM read_csv(${literal(from)}, header = true, auto_detect = false, ` +
        `delim = ',', quote = '"', escape = '"', allow_quoted_nulls = false, columns = {${columns}})) TO ${literal(to)} (FORMAT parquet)`,
    );
  } finally {
    await database.close();
  }
}
