import type { FieldSyntax } from './csv-records.js';

/** The rows of a file. */
export interface RowCount {
  readonly rowCount: number;
  /** Whether fields have line ends in them. */
  readonly hasLinesInQuotes: boolean;
}

/** Where a byte lies. */
const lineStart = 0;
const fieldStart = 1;
const plain = 2;
const quoted = 3;
/** After a quotation mark inside quotes: their end, or the first of two. */
const afterQuote = 4;
const escaped = 5;
const stateCount = 6;

/** What a byte may do beside: go on with a line inside quotes, or end a record. */
const stateBits = 0b111;
const lineInQuotes = 0b1000;
const recordEnd = 0b10000;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Counts the records of CSV that comes in pieces of bytes, without empty lines, independently of
 * any other reader.
 */
export class RecordCounter {
  readonly #next: Uint8Array;
  /** The quotation mark, if it is the only byte that changes what a line end is. */
  readonly #quote: string | undefined;
  #state = lineStart;
  #count = 0;
  /** A mark of the byte order may come first. */
  #isFirst = true;
  #seen = 0;

  /** @param syntax in UTF-8 or any other encoding that has ASCII in it */
  constructor(syntax: FieldSyntax) {
    this.#next = transitions(syntax);
    // Lines of blanks alone are none where they are the delimiter.
    this.#quote = syntax.delimiter === ' ' ? undefined : syntax.quote;
  }

  push(bytes: Buffer): void {
    const isMarked = this.#isFirst && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    this.#isFirst &&= bytes.length === 0;
    const from = isMarked ? 3 : 0;
    const lineEnd = this.#onlyLineEnd(bytes);
    this.#follow(bytes, lineEnd === undefined ? from : this.#countLines(bytes, from, lineEnd));
  }

  /** The byte that ends every record in a piece, and nothing else in it; undefined where none does. */
  #onlyLineEnd(bytes: Buffer): number | undefined {
    if (this.#state === quoted || this.#state === escaped || this.#quote === undefined) return;
    if (this.#quote !== '' && bytes.includes(this.#quote)) return;
    if (!bytes.includes(carriageReturn)) return lineFeed;
    return bytes.includes(lineFeed) ? undefined : carriageReturn;
  }

  /** Counts the records that end in a piece as `#follow` would; returns where the next begins. */
  #countLines(bytes: Buffer, from: number, lineEnd: number): number {
    let start = from;
    let isEmpty = this.#state === lineStart;
    for (;;) {
      const end = bytes.indexOf(lineEnd, start);
      if (end < 0) return start;
      if (end > start || !isEmpty) this.#count++;
      isEmpty = true;
      this.#state = lineStart;
      start = end + 1;
    }
  }

  #follow(bytes: Buffer, start: number): void {
    const next = this.#next;
    let state = this.#state;
    let seen = 0;
    let count = 0;
    for (let at = start; at < bytes.length; at++) {
      const step = next[(state << 8) | bytes[at]!]!;
      state = step & stateBits;
      seen |= step;
      count += step >>> 4;
    }
    this.#state = state;
    this.#seen |= seen;
    this.#count += count;
  }

  /** Whether a record goes over several lines. */
  get hasLinesInQuotes(): boolean {
    return (this.#seen & lineInQuotes) !== 0;
  }

  /** Records so far; the last line needs no end. */
  get count(): number {
    return this.#count + (this.#state === lineStart ? 0 : 1);
  }
}

/** The state after each byte, and what the byte does beside, by state and byte. */
function transitions({ delimiter, quote, escape: escaping }: FieldSyntax): Uint8Array {
  const next = new Uint8Array(stateCount << 8);
  const set = (state: number, bytes: string, to: number) => {
    for (const byte of Buffer.from(bytes)) next[(state << 8) | byte] = to;
  };
  const lineEnds = '\n\r';
  // The last of several characters ends the delimiter.
  const end = delimiter.slice(-1);
  for (const state of [lineStart, fieldStart, plain, afterQuote]) {
    next.fill(plain, state << 8, (state + 1) << 8);
    set(state, end, fieldStart);
    set(state, lineEnds, state === lineStart ? lineStart : lineStart | recordEnd);
  }
  for (const state of [quoted, escaped]) {
    next.fill(quoted, state << 8, (state + 1) << 8);
    set(state, lineEnds, quoted | lineInQuotes);
  }
  // Blanks alone are no record where they are the delimiter, and quotes may follow them elsewhere.
  set(lineStart, ' \t', delimiter === ' ' ? lineStart : fieldStart);
  set(fieldStart, ' ', fieldStart);
  if (delimiter !== '\t') set(fieldStart, '\t', fieldStart);
  if (quote === '') return next;
  set(lineStart, quote, quoted);
  set(fieldStart, quote, quoted);
  set(quoted, quote, afterQuote);
  if (escaping === quote) set(afterQuote, quote, quoted);
  else set(quoted, escaping, escaped);
  return next;
}
