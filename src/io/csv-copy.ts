import { createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { InvalidOptionError, SourceError } from '../errors.js';
import { badRow, isRow, readable, readRecords, type TextFile } from './csv-file.js';
import type { CsvRecord } from './csv-records.js';
import type { Database } from './database.js';
import { type Compression, readContent } from './decompress.js';
import type { InputFile } from './input-file.js';
import type { PlainCopy } from './plain-copy.js';
import { damagedSource } from './read-head.js';
import { quotedLine } from './source-errors.js';
import { swallowsRows } from './swallowed-rows.js';
import { systemRefusal } from './system-failure.js';

/** Characters that are written at once. */
const chunkLength = 2 ** 18;

/**
 * Copies the rows of a file. With `skipBadRows` lines that are not rows are omitted and counted.
 *
 * Throws `SourceError` for a line that is no row; with `skipBadRows` for a quoted field with lines in it
 * that look like rows: where a quotation mark is missing they would be lost.
 */
export async function copyCsvRows(database: Database, file: TextFile): Promise<PlainCopy> {
  const { names, leading } = file.dialect;
  const path = join(await database.scratch(), `${copies++}-rows.csv`);
  const swallows = swallowsRows(file.dialect);
  let first = leading[0];
  let count = leading.length;
  let rowCount = 0;
  let hasLinesInQuotes = false;
  async function* lines(): AsyncGenerator<Buffer> {
    let text = '';
    for await (const record of readRecords(file)) {
      if (!isRow(record, file)) {
        if (!file.skipBadRows) throw badRow(file, record);
        count += record.text.split(/\r\n|\n|\r/).length;
        first ??= readable(record);
        continue;
      }
      if (file.skipBadRows && swallows(record)) throw swallowed(file.name, readable(record));
      rowCount++;
      hasLinesInQuotes ||= /[\r\n]/.test(record.text);
      text += `${record.fields.slice(0, names.length).map(inQuotes).join(',')}\n`;
      if (text.length < chunkLength) continue;
      yield Buffer.from(text, 'latin1');
      text = '';
    }
    yield Buffer.from(text, 'latin1');
  }
  await write(database, file, path, lines());
  return { path, rowCount, hasLinesInQuotes, skipped: { count, first } };
}

function swallowed(file: string, { line, text }: CsvRecord): SourceError {
  return new SourceError(
    'ERR_BAD_LINE',
    `found that line ${line} of ${file} begins a quoted field with lines in it that look like rows ` +
      `(${quotedLine(text)}); expected a closing quotation mark before them; add it, or leave ` +
      'skipBadRows out if they are text',
    { file, line },
  );
}

function inQuotes(field: string): string {
  return field === '' ? '' : `"${field.replaceAll('"', '""')}"`;
}

/** Copies a file, decoded and decompressed. Throws `SourceError` for text in another encoding. */
export async function copyAsUtf8(
  database: Database,
  file: InputFile,
  compression: Compression,
  encoding: string,
): Promise<string> {
  const path = join(await database.scratch(), `${copies++}-${basename(file.path)}.csv`);
  const decoder = decoderOf(encoding);
  async function* decoded(): AsyncGenerator<string> {
    for await (const chunk of readContent(file.path, compression)) {
      yield decode(chunk as Buffer, true);
    }
    yield decode(Buffer.alloc(0), false);
  }
  const decode = (bytes: Buffer, stream: boolean): string => {
    try {
      return decoder.decode(bytes, { stream });
    } catch (cause) {
      throw new SourceError(
        'ERR_UNREADABLE_SOURCE',
        `found ${file.name} not readable as ${encoding}; expected text in that encoding; try another`,
        { cause, file: file.name },
      );
    }
  };
  await write(database, { ...file, compression }, path, decoded());
  return path;
}

/** Writes a copy. Faults of compressed content become errors of this package. */
async function write(
  { signal }: Database,
  { name, compression }: Pick<TextFile, 'name' | 'compression'>,
  path: string,
  content: AsyncIterable<Buffer | string>,
): Promise<void> {
  const target = createWriteStream(path, { mode: 0o600 });
  try {
    await pipeline(content, target, ...(signal ? [{ signal }] : []));
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof SourceError) throw cause;
    throw systemRefusal(name, cause) ?? damagedSource(name, compression, cause);
  }
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
