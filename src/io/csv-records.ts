/** How a line is split into fields. */
export interface FieldSyntax {
  /** One to four characters; a blank stands for any run of blanks and tabs. */
  readonly delimiter: string;
  /** A quotation mark, or '' where none quotes. */
  readonly quote: string;
  /** What stands before a quotation mark inside quotes: the mark itself, or a backslash. */
  readonly escape: string;
}

/** One record of a CSV file. */
export interface CsvRecord {
  /** Number of its first line, from 1. */
  readonly line: number;
  readonly text: string;
  readonly fields: readonly string[];
  /** Whether each field stands in quotes. */
  readonly quoted: readonly boolean[];
  /** How the line ends: LF, CRLF or CR; '' at the end of the text. */
  readonly ending: string;
  /** What is wrong with its quotes. */
  readonly fault?: 'open' | 'closed early' | undefined;
}

type Parsed = Omit<CsvRecord, 'ending'>;

/** Characters after which quotes count as never closed. */
const maxRecordLength = 2 ** 21;

/**
 * Splits text that comes in pieces into records, empty lines among them. Lines end with LF, CRLF or
 * CR; inside quotes they go on.
 */
export class RecordSplitter {
  readonly #syntax: FieldSyntax;
  readonly #isTorn: (record: Parsed) => boolean;
  #rest = '';
  #line = 1;
  /** Whether only comments and empty lines have been seen. */
  #isBeginning = true;

  /** @param isTorn whether a record of several lines is to be taken for its first line alone */
  constructor(syntax: FieldSyntax, isTorn: (record: Parsed) => boolean = () => false) {
    this.#syntax = syntax;
    this.#isTorn = isTorn;
  }

  /** The records that are complete with `text`; with `isLast` all that are left. */
  *push(text: string, isLast = false): Generator<CsvRecord> {
    const buffer = this.#rest + text;
    const newline = /\r\n|\n|\r/g;
    let start = 0;
    while (start < buffer.length) {
      newline.lastIndex = start;
      const found = newline.exec(buffer);
      const atEnd = found === null || (found[0] === '\r' && newline.lastIndex === buffer.length);
      if (atEnd && !isLast) break;
      let end = found === null ? buffer.length : found.index;
      let next = found === null ? buffer.length : newline.lastIndex;
      let record: Parsed | undefined;
      const text = buffer.slice(start, end);
      const { quote } = this.#syntax;
      const isComment = this.#isBeginning && /^\s*[#%]/.test(text);
      this.#isBeginning &&= isComment || text === '';
      if (isComment && !this.#isQuoted(text)) {
        record = this.#plain(text);
      } else if (quote !== '' && text.includes(quote)) {
        const quoted = readQuoted(buffer, start, this.#line, this.#syntax);
        const isTooLong = buffer.length - start > maxRecordLength;
        if (!isLast && !isTooLong && (quoted === undefined || quoted.end === buffer.length)) break;
        if (quoted === undefined || (quoted.end > end && this.#isTorn(quoted.record))) {
          record = { ...this.#plain(text), fault: 'open' };
        } else {
          ({ record, end } = quoted);
          next = buffer.startsWith('\r\n', end) ? end + 2 : Math.min(buffer.length, end + 1);
        }
      }
      const ending = buffer.slice(end, next);
      yield { ...(record ?? this.#plain(text)), ending };
      this.#line += buffer.slice(start, next).match(newline)?.length ?? 0;
      start = next;
    }
    this.#rest = buffer.slice(start);
  }

  /** Whether the quotes of a line, if it has any, are in order. */
  #isQuoted(text: string): boolean {
    const quoted = readQuoted(text, 0, this.#line, this.#syntax);
    return quoted !== undefined && quoted.record.fault === undefined;
  }

  #plain(text: string): Parsed {
    const fields = splitPlain(text, this.#syntax.delimiter);
    return { line: this.#line, text, fields, quoted: fields.map(() => false) };
  }
}

/** Fields of a line without quotes. */
export function splitPlain(text: string, delimiter: string): string[] {
  return delimiter === ' ' ? text.trim().split(/[ \t]+/) : text.split(delimiter);
}

/** A record with quotes; undefined if they are still open at the end of the text. */
function readQuoted(
  text: string,
  start: number,
  line: number,
  { delimiter, quote, escape: escaping }: FieldSyntax,
): { readonly record: Parsed; readonly end: number } | undefined {
  const fields: string[] = [];
  const quoted: boolean[] = [];
  let fault: Parsed['fault'];
  let at = start;
  for (;;) {
    const blanks = delimiter === '\t' ? /[ ]*/y : /[ \t]*/y;
    blanks.lastIndex = at;
    const opening = at + blanks.exec(text)![0].length;
    if (text.startsWith(quote, opening)) {
      let value = '';
      at = opening + 1;
      for (;;) {
        if (at >= text.length) return undefined;
        const isEscape = text.startsWith(escaping, at) && text.startsWith(quote, at + 1);
        if (isEscape) value += quote;
        else if (text.startsWith(quote, at)) break;
        else value += text[at];
        at += isEscape ? 2 : 1;
      }
      const from = at + 1;
      at = fieldEnd(text, from, delimiter);
      if (text.slice(from, at).trim() !== '') fault = 'closed early';
      fields.push(value);
      quoted.push(true);
    } else {
      const end = fieldEnd(text, at, delimiter);
      fields.push(text.slice(at, end));
      quoted.push(false);
      at = end;
    }
    if (at >= text.length || text[at] === '\n' || text[at] === '\r') break;
    at += delimiter.length;
  }
  return { record: { line, text: text.slice(start, at), fields, quoted, fault }, end: at };
}

function fieldEnd(text: string, from: number, delimiter: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\n' || text[at] === '\r' || text.startsWith(delimiter, at)) return at;
  }
  return text.length;
}
