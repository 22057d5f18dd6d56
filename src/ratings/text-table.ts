import { randomBytes } from 'node:crypto';
import type { PackedTexts } from './packed-texts.js';

/** Slots a text: a search looks at two of them on average, at five for a text that is not there. */
const slotsPerText = 1.5;

/** Texts of fewer characters are looked for without memory of their own. */
const scratch = new Uint8Array(256);

/**
 * Finds packed texts: a hash table with linear probing, 6 bytes a text.
 *
 *     slot   ┌ bits of the hash ┬ index + 1 ┐   32 bits; 0 is empty
 *
 * The index takes as few bits as it can; the others tell most texts apart without a look at them.
 */
export class TextTable {
  /** Index of a text that an earlier one equals; undefined where all differ. */
  readonly repeated: number | undefined;
  readonly #bytes: Uint8Array;
  readonly #offsets: Uint32Array;
  readonly #slots: Uint32Array;
  readonly #indexBits: number;
  /** Whoever chooses texts must not know which ones collide. */
  readonly #seed = randomBytes(4).readInt32LE();

  constructor({ bytes, offsets, length }: PackedTexts) {
    this.#bytes = bytes;
    this.#offsets = offsets;
    // Never full, so that every search ends.
    this.#slots = new Uint32Array(Math.floor(length * slotsPerText) + 1);
    this.#indexBits = 2 ** (32 - Math.clz32(length)) - 1;
    for (let index = 0; index < length; index++) {
      const [start, end] = [offsets[index]!, offsets[index + 1]!];
      const hash = hashOf(bytes, start, end, this.#seed);
      const slot = this.#slotOf(hash, bytes, start, end);
      if (this.#slots[slot] !== 0) this.repeated ??= index;
      this.#slots[slot] = (hash & ~this.#indexBits) | (index + 1);
    }
  }

  /** Index of a text, of the last one if it is there twice; undefined if it is not there. */
  find(text: string): number | undefined {
    const isShort = text.length <= scratch.length && writeAscii(text, scratch);
    const bytes = isShort ? scratch : utf8Of(text);
    if (bytes === undefined) return undefined;
    const end = isShort ? text.length : bytes.length;
    const hash = hashOf(bytes, 0, end, this.#seed);
    const entry = this.#slots[this.#slotOf(hash, bytes, 0, end)]!;
    return entry === 0 ? undefined : this.#indexOf(entry);
  }

  #indexOf(entry: number): number {
    return ((entry & this.#indexBits) >>> 0) - 1;
  }

  /** Where a text is, or the empty slot where it would be. */
  #slotOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const tag = hash & ~this.#indexBits;
    let slot = Math.floor(((Math.imul(hash, 0x9e3779b1) >>> 0) / 2 ** 32) * slots.length);
    for (;;) {
      const entry = slots[slot]!;
      if (entry === 0) return slot;
      const hasTag = (entry & ~this.#indexBits) === tag;
      if (hasTag && this.#isText(this.#indexOf(entry), bytes, start, end)) return slot;
      slot = slot + 1 === slots.length ? 0 : slot + 1;
    }
  }

  #isText(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#bytes;
    const from = this.#offsets[index]!;
    if (this.#offsets[index + 1]! - from !== end - start) return false;
    for (let at = start; at < end; at++) {
      if (own[from + at - start] !== bytes[at]) return false;
    }
    return true;
  }
}

/** FNV-1a from a seed, and the last steps of MurmurHash3, so that each bit depends on all. 32 bits. */
function hashOf(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
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

/** Undefined for a text with a lone surrogate, which UTF-8 cannot hold. */
function utf8Of(text: string): Uint8Array | undefined {
  return /\p{Surrogate}/u.test(text) ? undefined : Buffer.from(text);
}
