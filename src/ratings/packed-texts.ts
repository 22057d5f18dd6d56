import { isAscii } from 'node:buffer';

/** Texts by their place, such as an array of strings. */
export interface Texts {
  readonly length: number;
  /** The text at a place, 0 ≤ index < length. */
  at(index: number): string | undefined;
}

/** Bytes that packed texts have together, at most: their places are 32-bit numbers. */
export const maxTextBytes = 2 ** 32 - 1;

/**
 * Texts in one buffer, as a column of Arrow holds them: their UTF-8, and 4 bytes each. A string is
 * made when it is asked for.
 *
 *     bytes     t e a j a m b u n     text t is bytes[offsets[t]] … bytes[offsets[t + 1] − 1]
 *     offsets   0     3     6     9   one more than texts; they start with 0
 */
export class PackedTexts implements Texts {
  readonly length: number;
  readonly offsets: Uint32Array;
  readonly #bytes: Buffer;
  readonly #encoding: 'latin1' | 'utf8';

  /**
   * Both arrays are given away, and whoever makes them has checked them.
   *
   * @param bytes valid UTF-8, at most `maxTextBytes`
   * @param offsets rising from 0 to `bytes.length`, at the beginnings of characters
   */
  constructor({ buffer, byteOffset, byteLength }: Uint8Array, offsets: Uint32Array) {
    this.length = offsets.length - 1;
    this.offsets = offsets;
    this.#bytes = Buffer.from(buffer, byteOffset, byteLength);
    // Of ASCII both are the same, and this is faster.
    this.#encoding = isAscii(this.#bytes) ? 'latin1' : 'utf8';
  }

  /** UTF-8 of all texts. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  at(index: number): string | undefined {
    const [start, end] = [this.offsets[index], this.offsets[index + 1]];
    if (start === undefined || end === undefined) return undefined;
    return this.#bytes.toString(this.#encoding, start, end);
  }
}

/** Texts that are encoded together: a call for each takes several times as long. */
const textsAtATime = 1024;

/**
 * UTF-8 of texts without lone surrogates, one after the other. Throws `RangeError` if it has more than
 * `maxTextBytes`.
 */
export function packTexts(texts: readonly string[]): PackedTexts {
  const offsets = new Uint32Array(texts.length + 1);
  let total = 0;
  for (let at = 0; at < texts.length; at++) {
    total += Buffer.byteLength(texts[at]!);
    offsets[at + 1] = total;
  }
  if (total > maxTextBytes) throw new RangeError('found more than 4 GiB of text');
  const bytes = Buffer.allocUnsafeSlow(total);
  for (let at = 0; at < texts.length; at += textsAtATime) {
    bytes.write(texts.slice(at, at + textsAtATime).join(''), offsets[at]!);
  }
  return new PackedTexts(bytes, offsets);
}
