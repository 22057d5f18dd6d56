import { HashTable, mixed } from './hash-table.js';
import type { PackedTexts } from './packed-texts.js';

/** Texts of no more characters are looked for without memory of their own. */
const scratch = new Uint8Array(256);

/** Finds packed texts. */
export class TextTable extends HashTable {
  readonly #bytes: Uint8Array;
  readonly #offsets: Uint32Array;
  /** The text that is sought: `#sought[#start]` … `#sought[#end − 1]`. */
  #sought: Uint8Array = scratch;
  #start = 0;
  #end = 0;

  constructor({ bytes, offsets, length }: PackedTexts) {
    super(length);
    this.#bytes = bytes;
    this.#offsets = offsets;
    for (let index = 0; index < length; index++) {
      this.add(this.#seek(bytes, offsets[index]!, offsets[index + 1]!), index);
    }
    this.#sought = scratch;
  }

  /** Index of a text, of the last one if it is there twice; undefined if it is not there. */
  find(text: string): number | undefined {
    if (text.length <= scratch.length && writeAscii(text, scratch)) {
      return this.lookUp(this.#seek(scratch, 0, text.length));
    }
    // A lone surrogate, which UTF-8 cannot hold.
    if (/\p{Surrogate}/u.test(text)) return undefined;
    const bytes = Buffer.from(text);
    const index = this.lookUp(this.#seek(bytes, 0, bytes.length));
    this.#sought = scratch;
    return index;
  }

  protected isSought(index: number): boolean {
    const own = this.#bytes;
    const sought = this.#sought;
    const [start, end] = [this.#start, this.#end];
    const from = this.#offsets[index]!;
    if (this.#offsets[index + 1]! - from !== end - start) return false;
    for (let at = start; at < end; at++) {
      if (own[from + at - start] !== sought[at]) return false;
    }
    return true;
  }

  /** The hash of a text that is sought from here on: FNV-1a, mixed. */
  #seek(bytes: Uint8Array, start: number, end: number): number {
    this.#sought = bytes;
    this.#start = start;
    this.#end = end;
    let hash = this.seed;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    return mixed(hash);
  }
}

/** Whether the text is ASCII; then it is written. A call of an encoder would take longer. */
function writeAscii(text: string, out: Uint8Array): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 127) return false;
    out[at] = code;
  }
  return true;
}
