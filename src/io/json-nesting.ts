/**
 * How deeply arrays and objects nest in JSON that comes in pieces; it need not be valid.
 *
 * Raw line breaks end a string, which cannot hold them. So a quote without its other half hides at
 * most the rest of its line, both here and in a parser that reads line by line.
 */
export class JsonNesting {
  #depth = 0;
  #deepest = 0;
  #isInString = false;
  #isEscaped = false;

  /** Depth of the deepest value so far: 1 for `[]`. */
  get deepest(): number {
    return this.#deepest;
  }

  /** Goes on with the next bytes. */
  scan(bytes: Uint8Array): void {
    const { length } = bytes;
    let depth = this.#depth;
    let deepest = this.#deepest;
    let isInString = this.#isInString;
    let at = this.#isEscaped ? 1 : 0;
    while (at < length) {
      if (isInString) {
        const byte = bytes[at++]!;
        if (byte === backslash) at++;
        else if (byte === quote || byte === lineFeed || byte === carriageReturn) isInString = false;
        continue;
      }
      const byte = bytes[at++]!;
      if (byte === quote) isInString = true;
      else if (byte >= openBracket) {
        // One bit tells braces from brackets.
        const bracket = byte & ~0x20;
        if (bracket === openBracket) deepest = Math.max(deepest, ++depth);
        else if (bracket === closeBracket) depth = Math.max(0, depth - 1);
      }
    }
    this.#isEscaped = at > length;
    this.#depth = depth;
    this.#deepest = deepest;
    this.#isInString = isInString;
  }
}

const quote = 0x22;
const backslash = 0x5c;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
