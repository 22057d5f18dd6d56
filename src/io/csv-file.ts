import { isUtf8 } from 'node:buffer';
import { createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { InvalidOptionError, SourceError } from '../errors.js';
import { type CsvDialect, type DialectOptions, findDialect, fits, isBlank } from './csv-dialect.js';
import { type CsvRecord, RecordSplitter } from './csv-records.js';
import { type Compression, compressionOf, firstBytes, readContent } from './decompress.js';
import type { Database } from './duckdb.js';
import { emptyFile } from './expand-path.js';
import { refuseForeign } from './foreign-format.js';
import type { InputFile } from './input-files.js';
import { encodingOf, type Head, isUtf8Head, readHead, textOf } from './read-head.js';
import { badLine, quotedLine } from './source-errors.js';

/** A CSV file that has been looked at. */
export interface CsvFile extends InputFile {
  readonly compression: Compression;
  readonly dialect: CsvDialect;
}

/** What was told of CSV files. */
export interface CsvOptions extends DialectOptions {
  /** A label of the Encoding Standard. */
  readonly encoding?: string | undefined;
}

/**
 * Looks at the beginning of a CSV file. One that is not UTF-8 is copied as UTF-8 first.
 * Throws `SourceError` for a bad line, for what is no CSV file, and for one without a row.
 */
export async function openCsvFile(
  database: Database,
  file: InputFile,
  told: CsvOptions,
): Promise<CsvFile> {
  const { name } = file;
  const first = await firstBytes(file.path, 300);
  refuseForeign(file.path, name, first);
  let compression = compressionOf(first);
  let { path } = file;
  let head = await readHead(path, name, compression);
  // Content that was compressed may be foreign too, as a .tar.gz is.
  refuseForeign(path, name, head.bytes.subarray(0, 300));
  const encoding = told.encoding ?? encodingOf(head);
  if (!isUtf8Name(encoding)) {
    path = await copyAsUtf8(database, { path, name }, compression, encoding);
    compression = 'none';
    head = await readHead(path, name, compression);
  } else if (!told.skipBadRows) {
    checkText(name, head);
  }
  const text = textOf(head);
  const dialect = findDialect(head.isWhole ? text : wholeLines(text), told);
  if (dialect === undefined) throw emptyFile(name);
  if (dialect === 'undecided') throw undecided(name, text);
  if (dialect.names.length < 2) throw oneField(name, dialect);
  if (dialect.bad !== undefined && !told.skipBadRows) throw misfit(name, dialect.bad, dialect);
  return { path, name, compression, dialect };
}

/** Records of a whole file, header and empty lines among them. Every byte is a character. */
async function* recordsOf({ path, compression, dialect }: CsvFile): AsyncGenerator<CsvRecord> {
  // Every byte is one character, so that lines that are not UTF-8 stay what they are.
  const delimiter = Buffer.from(dialect.delimiter).toString('latin1');
  const splitter = new RecordSplitter({ ...dialect, delimiter });
  for await (const chunk of readContent(path, compression)) {
    yield* splitter.push((chunk as Buffer).toString('latin1'));
  }
  yield* splitter.push('', true);
}

/** The first line of a file that is no row, as an error; undefined if all are. */
export async function findBadLine(file: CsvFile): Promise<SourceError | undefined> {
  const { name, dialect } = file;
  for await (const bad of badRecords(file)) {
    if (!bad.isText) return notUtf8(name, bad.line, Buffer.from(bad.text, 'latin1'));
    if (!fits(bad, dialect.names.length)) return misfit(name, bad, dialect);
    return badLine(name, bad, 'ends otherwise than the lines before', 'one kind of line ends');
  }
  return undefined;
}

/** Lines that are no rows: of other fields, no text, or with another end than the first. */
export async function* badRecords(
  file: CsvFile,
): AsyncGenerator<CsvRecord & { readonly isText: boolean }> {
  let place = 0;
  let ending: string | undefined;
  for (const leading of file.dialect.leading) yield { ...leading, isText: true };
  for await (const record of recordsOf(file)) {
    if (place++ < file.dialect.skip || isBlank(record, file.dialect)) continue;
    ending ??= record.ending;
    const isText = isUtf8(Buffer.from(record.text, 'latin1'));
    const endsAlike = record.ending === '' || record.ending === ending;
    if (isText && endsAlike && fits(record, file.dialect.names.length)) continue;
    const text = isText ? Buffer.from(record.text, 'latin1').toString() : record.text;
    yield { ...record, text, isText };
  }
}

/** The row with a number, from 1, without header and empty lines; undefined if there are fewer. */
export async function findRow(file: CsvFile, number: number): Promise<CsvRecord | undefined> {
  let [place, row] = [0, 0];
  for await (const record of recordsOf(file)) {
    if (place++ < file.dialect.skip || isBlank(record, file.dialect)) continue;
    if (++row === number) {
      return { ...record, text: Buffer.from(record.text, 'latin1').toString() };
    }
  }
  return undefined;
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

function notUtf8(file: string, line: number, bytes: Buffer): SourceError {
  const text = new TextDecoder('latin1').decode(bytes);
  return new SourceError(
    'ERR_UNREADABLE_SOURCE',
    `found text that is not utf-8 encoded in line ${line} of ${file} (as Latin-1 ${quotedLine(text)}); ` +
      "expected UTF-8; try encoding: 'latin1', or another that it may be in",
    { file, line },
  );
}

function misfit(file: string, record: CsvRecord, { names, hasHeader }: CsvDialect): SourceError {
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

/** Copies a file, decoded and decompressed. Throws `SourceError` for text in another encoding. */
async function copyAsUtf8(
  database: Database,
  { path, name }: InputFile,
  compression: Compression,
  encoding: string,
): Promise<string> {
  const copy = join(await database.scratch(), `${copies++}-${basename(path)}.csv`);
  const decoder = decoderOf(encoding);
  try {
    await pipeline(
      readContent(path, compression),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
        yield decoder.decode();
      },
      createWriteStream(copy, { mode: 0o600 }),
    );
  } catch (cause) {
    throw new SourceError(
      'ERR_UNREADABLE_SOURCE',
      `found ${name} not readable as ${encoding}; expected text in that encoding; try another`,
      { cause, file: name },
    );
  }
  return copy;
}

let copies = 0;

/** Throws `InvalidOptionError` for an encoding that is not known. */
export function decoderOf(encoding: string): TextDecoder {
  // Excel and Windows write UTF-16 with the low byte first.
  const label = /^utf-?16$/i.test(encoding)
    ? 'utf-16le'
    : encoding.replace(/^latin-(\d)/i, 'latin$1');
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    throw new InvalidOptionError(
      'encoding',
      encoding,
      "an encoding such as 'utf-8', 'latin1', 'windows-1252' or 'utf-16le'",
    );
  }
}

/** Without the last line, which may be cut. */
function wholeLines(text: string): string {
  const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
  return end < 0 ? text : text.slice(0, end + 1);
}
