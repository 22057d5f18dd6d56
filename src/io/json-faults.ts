import { isUtf8 } from 'node:buffer';
import { SourceError } from '../errors.js';
import { compressionByEnding } from './check-nesting.js';
import type { Column } from './column-types.js';
import { readContent } from './decompress.js';
import type { InputFile } from './input-file.js';
import type { RowPlace } from './relation-contract.js';
import { quotedLine } from './source-errors.js';

/** Bytes of a file that is parsed whole; a longer one is for DuckDB to judge. */
const maxWhole = 2 ** 28;

/**
 * The first value of JSON files that is no object, as an error with the line where it begins: a line of
 * NDJSON, or a value of a list. Undefined where nothing is found.
 */
export async function findBadJson(files: readonly InputFile[]): Promise<SourceError | undefined> {
  for (const file of files) {
    const error = (await isByLine(file)) ? await badLineOf(file) : await badPlaceOf(file);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** Where a value of a file lies, by its number from 1: of NDJSON its line. */
export async function placeOfJson(file: InputFile, number: number): Promise<RowPlace> {
  let value = 0;
  if (await isByLine(file)) {
    for await (const { line, bytes } of linesOf(file)) {
      if (!isEmpty(bytes) && ++value === number) {
        return { file: file.name, line, text: bytes.toString() };
      }
    }
  }
  return { file: file.name, row: number };
}

/** DuckDB makes one column of values that are not all objects. */
export function isNoObject([first, second]: readonly Column[]): boolean {
  if (first === undefined || second !== undefined) return false;
  return first.type === 'JSON' || (first.name === 'json' && first.type.endsWith('[]'));
}

interface Line {
  /** From 1. */
  readonly line: number;
  readonly bytes: Buffer;
}

/** Lines of a file, without their ends. */
async function* linesOf({ path }: InputFile): AsyncGenerator<Line> {
  let line = 1;
  let begun: Buffer[] = [];
  for await (const chunk of readContent(path, compressionByEnding(path))) {
    const bytes = chunk as Buffer;
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      yield { line: line++, bytes: Buffer.concat([...begun, bytes.subarray(start, end)]) };
      begun = [];
      start = end + 1;
    }
    begun.push(bytes.subarray(start));
  }
  yield { line, bytes: Buffer.concat(begun) };
}

function isEmpty(bytes: Buffer): boolean {
  return bytes.toString('latin1').trim() === '';
}

/** Whether one of the first two lines is an object by itself. */
async function isByLine(file: InputFile): Promise<boolean> {
  let seen = 0;
  for await (const { bytes } of linesOf(file)) {
    if (isEmpty(bytes)) continue;
    if (faultOf(bytes) === undefined) return true;
    if (++seen === 2 || bytes.length > maxWhole) return false;
  }
  return false;
}

async function badLineOf(file: InputFile): Promise<SourceError | undefined> {
  for await (const { line, bytes } of linesOf(file)) {
    if (isEmpty(bytes)) continue;
    const fault = faultOf(bytes);
    if (fault !== undefined) return badValue(file.name, line, fault, bytes.toString());
  }
  return undefined;
}

/** What is wrong with a text that should be an object. */
function faultOf(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes)) return 'is not utf-8 encoded';
  let value: unknown;
  try {
    value = JSON.parse(withoutMark(bytes.toString()));
  } catch {
    return 'is no JSON';
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? undefined : 'is no object';
}

/** The first bad value of a list, with the line where it begins. */
async function badPlaceOf({ path, name }: InputFile): Promise<SourceError | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of readContent(path, compressionByEnding(path))) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > maxWhole) return undefined;
  }
  const bytes = Buffer.concat(chunks);
  const list = bytes.indexOf('[');
  let depth = 0;
  let isInString = false;
  let start = list + 1;
  for (let at = start; list >= 0 && at <= bytes.length; at++) {
    const isInside = depth > 0;
    const char = String.fromCharCode(bytes[at] ?? 0);
    if (isInString) {
      if (char === '\\') at++;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || (char === ']' && isInside)) depth--;
    const isEnd = at >= bytes.length || (!isInside && !isInString && /[,\]]/.test(char));
    if (!isEnd) continue;
    const value = bytes.subarray(start, at);
    const isLast = at >= bytes.length || char === ']';
    const fault = isEmpty(value) && isLast ? undefined : faultOf(value);
    if (fault !== undefined) {
      const before = bytes.toString('latin1', 0, start);
      const blanks = /^\s*/.exec(value.toString('latin1'))![0];
      const line = (before + blanks).split('\n').length;
      return badValue(name, line, fault, value.toString().trim());
    }
    if (isLast) return undefined;
    start = at + 1;
  }
  return undefined;
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function badValue(file: string, line: number, fault: string, text: string): SourceError {
  return new SourceError(
    'ERR_BAD_LINE',
    `found that line ${line} of ${file} ${fault} (${quotedLine(text)}); ` +
      'expected an object with a user and an item; correct the line',
    { file, line },
  );
}
