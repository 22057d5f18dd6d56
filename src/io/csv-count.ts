import type { FieldSyntax } from './csv-records.js';

/** Where a byte lies. */
const lineStart = 0;
const fieldStart = 1;
const plain = 2;
const quoted = 3;
/** After a quotation mark inside quotes: their end, or the first of two. */
const afterQuote = 4;
const escaped = 5;
const stateCount = 6;

/**
 * Counts the records of CSV that comes in pieces of bytes, without empty lines, independently of
 * any other reader.
 */
export class RecordCounter {
  readonly #next: Uint8Array;
  #state = lineStart;
  #count = 0;
  /** A mark of the byte order may come first. */
  #isFirst = true;

  /** @param syntax in UTF-8 or any other encoding that has ASCII in it */
  constructor(syntax: FieldSyntax) {
    this.#next = transitions(syntax);
  }

  push(bytes: Uint8Array): void {
    const isMarked = this.#isFirst && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    this.#isFirst &&= bytes.length === 0;
    const next = this.#next;
    let state = this.#state;
    let count = 0;
    for (let at = isMarked ? 3 : 0; at < bytes.length; at++) {
      const from = state;
      state = next[(from << 8) | bytes[at]!]!;
      if (state === lineStart && from !== lineStart) count++;
    }
    this.#state = state;
    this.#count += count;
  }

  /** Records so far; the last line needs no end. */
  get count(): number {
    return this.#count + (this.#state === lineStart ? 0 : 1);
  }
}

/** The state after each byte, by state and byte. */
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
    set(state, lineEnds, lineStart);
  }
  for (const state of [quoted, escaped]) next.fill(quoted, state << 8, (state + 1) << 8);
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
