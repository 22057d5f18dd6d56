import { isUtf8 } from 'node:buffer';
import { SourceError } from '../errors.js';
import { copyAsUtf8, copyCsvRows } from './csv-copy.js';
import { type CsvDialect, type DialectOptions, findDialect } from './csv-dialect.js';
import { type CsvFile, misfit, notUtf8, tooLong } from './csv-file.js';
import type { Database } from './database.js';
import { compressionOf, firstBytes } from './decompress.js';
import { emptyFile } from './expand-path.js';
import { refuseForeign } from './foreign-format.js';
import type { InputFile } from './input-file.js';
import { encodingOf, type Head, isUtf8Head, readHead, textOf } from './read-head.js';
import { quotedLine } from './source-errors.js';

/** What options say about CSV files. */
export interface CsvOptions extends DialectOptions {
  /** A label of the Encoding Standard. */
  readonly encoding?: string | undefined;
}

/**
 * Detects the dialect of a CSV file. A file that is not UTF-8 is copied as UTF-8 first.
 * Throws `SourceError` for a bad line, for what is no CSV file, and for one without a row.
 */
export async function openCsvFile(
  database: Database,
  input: InputFile,
  given: CsvOptions,
): Promise<CsvFile> {
  const { name } = input;
  const first = await firstBytes(input.path, 300);
  refuseForeign(input.path, name, first);
  let compression = compressionOf(first);
  let { path } = input;
  let head = await readHead(path, name, compression);
  // Content that was compressed may be foreign too, as a .tar.gz is.
  refuseForeign(path, name, head.bytes.subarray(0, 300));
  const encoding = given.encoding ?? encodingOf(head);
  if (!isUtf8Name(encoding)) {
    path = await copyAsUtf8(database, { path, name }, compression, encoding);
    compression = 'none';
    head = await readHead(path, name, compression);
  } else if (!given.skipBadRows) {
    checkText(name, head);
  }
  const text = textOf(head);
  const dialect = findDialect(head.isWhole ? text : wholeLines(text), given, head.isWhole);
  if (dialect === undefined) throw head.isWhole ? emptyFile(name) : noRowIn(name, text);
  if (dialect === 'undecided') throw undecided(name, text);
  if (dialect.sample.length === 0 && !head.isWhole) throw noRowIn(name, text);
  if (dialect.names.length < 2) throw oneField(name, dialect);
  if (dialect.bad !== undefined && !given.skipBadRows) throw misfit(name, dialect.bad, dialect);
  const { skipBadRows = false } = given;
  const file = { path, name, compression, dialect, skipBadRows };
  const isCopied = skipBadRows || needsCopy(text, dialect);
  return { ...file, copy: isCopied ? await copyCsvRows(database, file) : undefined };
}

/**
 * Whether DuckDB would go wrong at the beginning. It takes the first line end, even one inside quotes,
 * for that of all lines, and skips lines by the quotes in them, comments or not.
 */
function needsCopy(text: string, { quote, comments, headerLines, ending }: CsvDialect): boolean {
  if (quote === '') return false;
  const isTold = ending === '\n' || ending === '\r';
  const first = /\r\n|\n|\r/.exec(text)?.[0];
  return (
    (!isTold && first !== undefined && first !== ending) ||
    comments.some((comment) => comment.text.includes(quote)) ||
    headerLines > 1
  );
}

function checkText(name: string, head: Head): void {
  if (isUtf8Head(head)) {
    const nulls = head.bytes.filter((byte) => byte === 0).length;
    if (nulls === 0 || nulls * 4 < head.bytes.length) return;
    throw new SourceError(
      'ERR_UNREADABLE_SOURCE',
      `found ${name} full of zero bytes; expected text; try encoding: 'utf-16le'`,
      { file: name },
    );
  }
  let line = 1;
  for (let start = 0; start < head.bytes.length; line++) {
    const found = head.bytes.indexOf(0x0a, start);
    const end = found < 0 ? head.bytes.length : found;
    const bytes = head.bytes.subarray(start, end);
    if (!isUtf8(bytes)) throw notUtf8(name, line, bytes);
    start = end + 1;
  }
}

function undecided(file: string, text: string): SourceError {
  const first = text.split(/\r\n|\n|\r/).find((line) => line !== '') ?? '';
  return new SourceError(
    'ERR_UNREADABLE_SOURCE',
    `found a first line in ${file} that may be names or a row (${quotedLine(first)}); expected usual names; ` +
      'try header: false if it is a row, or header: true with the options user and item',
    { file, line: 1 },
  );
}

function oneField(file: string, { names, sample }: CsvDialect): SourceError {
  const line = names[0] === 'column0' ? (sample[0]?.text ?? '') : names[0]!;
  return new SourceError(
    'ERR_UNREADABLE_SOURCE',
    `found one field a line in ${file} (${quotedLine(line)}); expected two or more, with a comma, tab, ` +
      'semicolon, |, :: or blanks between; name another with the option delimiter',
    { file },
  );
}

function isUtf8Name(encoding: string): boolean {
  return /^utf-?8$/i.test(encoding);
}

/** The error of a file whose beginning holds no whole row. */
function noRowIn(file: string, text: string): SourceError {
  const rest = text.slice(wholeLines(text).length);
  if (rest.trim() === '') return emptyFile(file);
  return tooLong(file, text.split(/\r\n|\n|\r/).length, Buffer.byteLength(rest), rest);
}

/** Without the last line, which may be cut. */
function wholeLines(text: string): string {
  const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
  return end < 0 ? text : text.slice(0, end + 1);
}
