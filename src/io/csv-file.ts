import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { SourceError } from '../errors.js';
import { RecordCounter, type RowCount } from './csv-count.js';
import { type CsvDialect, fits, isBlank } from './csv-dialect.js';
import { type CsvRecord, RecordSplitter } from './csv-records.js';
import { type Compression, readContent } from './decompress.js';
import type { InputFile } from './input-file.js';
import type { PlainCopy } from './plain-copy.js';
import { damagedSource } from './read-head.js';
import { badLine, quotedLine } from './source-errors.js';
import { swallowsRows } from './swallowed-rows.js';
import { systemRefusal } from './system-failure.js';

/** A CSV file whose dialect is known. */
export interface TextFile extends InputFile {
  readonly compression: Compression;
  readonly dialect: CsvDialect;
  /** Whether lines that are no rows are left out. */
  readonly skipBadRows: boolean;
}

/** A CSV file to be read. */
export interface CsvFile extends TextFile {
  /**
   * A copy that DuckDB reads instead, if it would misread the file, or if bad rows are left out.
   */
  readonly copy: PlainCopy | undefined;
}

/**
 * Counts the rows of a file, independently of DuckDB. Throws `SourceError` if it is compressed and not
 * whole, and the signal's reason.
 */
export async function countRows(file: CsvFile, signal?: AbortSignal): Promise<RowCount> {
  const { path, name, compression, dialect, copy } = file;
  if (copy !== undefined) return copy;
  const counter = new RecordCounter(dialect);
  try {
    for await (const chunk of readContent(path, compression, signal)) {
      counter.push(chunk as Buffer);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw systemRefusal(name, cause) ?? damagedSource(name, compression, cause);
  }
  const header = dialect.hasHeader ? 1 : 0;
  return {
    rowCount: counter.count - dialect.comments.length - dialect.leading.length - header,
    hasLinesInQuotes: counter.hasLinesInQuotes,
  };
}

/**
 * What lies in a file where rows should be: all records after the header, without empty lines. Bytes of
 * fields are characters. Where bad rows are left out, one of several lines with rows in it is taken for
 * its first line alone. Throws once the signal aborts.
 */
export async function* readRecords(
  file: TextFile,
  signal?: AbortSignal,
): AsyncGenerator<CsvRecord> {
  const { path, compression, dialect } = file;
  // Every byte is one character, so that lines that are not UTF-8 stay what they are.
  const delimiter = Buffer.from(dialect.delimiter).toString('latin1');
  const swallows = swallowsRows(dialect);
  const splitter = new RecordSplitter(
    { ...dialect, delimiter },
    (record) => file.skipBadRows && !isRow(record, file) && swallows(record),
  );
  let place = 0;
  const taken = function* (records: Iterable<CsvRecord>) {
    for (const record of records) {
      if (place++ >= dialect.skip && !isBlank(record, dialect)) yield record;
    }
  };
  for await (const chunk of readContent(path, compression, signal)) {
    yield* taken(splitter.push((chunk as Buffer).toString('latin1')));
  }
  yield* taken(splitter.push('', true));
}

/** Whether a record is a row: UTF-8, with as many fields as others. */
export function isRow(
  record: Pick<CsvRecord, 'text' | 'fields' | 'fault'>,
  { dialect }: TextFile,
): boolean {
  return fits(record, dialect.names.length) && isUtf8(bytesOf(record));
}

/** What is wrong with a record that is no row. */
export function badRow({ name, dialect }: TextFile, record: CsvRecord): SourceError {
  return isUtf8(bytesOf(record))
    ? misfit(name, readable(record), dialect)
    : notUtf8(name, record.line, bytesOf(record));
}

/** Text of the bytes that `readRecords` gives. */
export function readable<Line extends Pick<CsvRecord, 'text'>>(record: Line): Line {
  const bytes = bytesOf(record);
  return isUtf8(bytes) ? { ...record, text: bytes.toString() } : record;
}

function bytesOf({ text }: Pick<CsvRecord, 'text'>): Buffer {
  return Buffer.from(text, 'latin1');
}

/** The longest line that DuckDB reads. */
const maxLineBytes = 2 ** 21;

/** An error of a line that is too long to be read. */
export function tooLong(file: string, line: number, bytes: number, text: string): SourceError {
  return new SourceError(
    'ERR_BAD_LINE',
    `found that line ${line} of ${file} has more than ${bytes.toLocaleString('en')} bytes ` +
      `(${quotedLine(text)}); expected shorter lines; check its quotation marks and line ends, or leave ` +
      'long texts out of the file',
    { file, line },
  );
}

/**
 * The first line of a file that is no row, is too long or ends otherwise than those before, as an error.
 * Throws once the signal aborts.
 */
export async function findBadLine(
  file: CsvFile,
  signal?: AbortSignal,
): Promise<SourceError | undefined> {
  let { ending } = file.dialect;
  for await (const record of readRecords(file, signal)) {
    if (!isRow(record, file)) return badRow(file, record);
    if (record.text.length > maxLineBytes) {
      return tooLong(file.name, record.line, maxLineBytes, readable(record).text);
    }
    ending ||= record.ending;
    if (record.ending === '' || record.ending === ending || file.copy !== undefined) continue;
    return badLine(
      file.name,
      readable(record),
      'ends otherwise than the lines before',
      'one kind of line ends',
    );
  }
  return undefined;
}

/**
 * The row with a number, from 1, as DuckDB counts them; undefined if there are fewer. Throws once the
 * signal aborts.
 */
export async function findRow(
  file: CsvFile,
  number: number,
  signal?: AbortSignal,
): Promise<CsvRecord | undefined> {
  let row = 0;
  for await (const record of readRecords(file, signal)) {
    if (file.skipBadRows && !isRow(record, file)) continue;
    if (++row === number) return readable(record);
  }
  return undefined;
}

export function notUtf8(file: string, line: number, bytes: Buffer): SourceError {
  const text = new TextDecoder('latin1').decode(bytes);
  return new SourceError(
    'ERR_UNREADABLE_SOURCE',
    `found text that is not utf-8 encoded in line ${line} of ${file} (as Latin-1 ${quotedLine(text)}); ` +
      "expected UTF-8; try encoding: 'latin1', or another that it may be in",
    { file, line },
  );
}

export function misfit(
  file: string,
  record: CsvRecord,
  { names, hasHeader }: CsvDialect,
): SourceError {
  const { fields, fault } = record;
  if (fault === 'open') {
    return badLine(file, record, 'has a quotation mark that is never closed', 'quotes in pairs');
  }
  if (fault === 'closed early') {
    return badLine(file, record, 'has text after a closing quotation mark', 'a delimiter there');
  }
  const count = `${fields.length} ${fields.length === 1 ? 'field' : 'fields'}`;
  const wanted = `${names.length}, as many fields as ${hasHeader ? 'the header' : 'other lines'}`;
  return badLine(file, record, `has ${count}`, wanted);
}
