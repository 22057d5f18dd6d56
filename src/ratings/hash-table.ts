import { randomBytes } from 'node:crypto';

/** Slots an entry: a search looks at two of them on average, at five for what is not there. */
const slotsPerEntry = 1.5;

/**
 * Indices of entries that lie elsewhere, by their hash: linear probing, 6 bytes an entry.
 *
 *     slot   ┌ bits of the hash ┬ index + 1 ┐   32 bits; 0 is empty
 *
 * The index takes as few bits as it can; the others tell most entries apart without a look at them.
 */
export abstract class HashTable {
  /** An index whose entry equals an earlier one; undefined where all differ. */
  repeated: number | undefined;
  /** Hashes depend on it: whoever chooses entries must not know which ones collide. */
  protected readonly seed = randomBytes(4).readInt32LE();
  readonly #slots: Uint32Array;
  readonly #indexBits: number;

  /** @param size entries there will be, < 2³² */
  constructor(size: number) {
    // Never full, so that every search ends.
    this.#slots = new Uint32Array(Math.floor(size * slotsPerEntry) + 1);
    this.#indexBits = 2 ** (32 - Math.clz32(size)) - 1;
  }

  /** Whether the entry at an index is the one that is looked for. */
  protected abstract isSought(index: number): boolean;

  /** Adds the sought entry, which is at this index; it takes the place of an equal one. */
  protected add(hash: number, index: number): void {
    const slot = this.#slotOf(hash);
    if (this.#slots[slot] !== 0) this.repeated ??= index;
    this.#slots[slot] = (hash & ~this.#indexBits) | (index + 1);
  }

  /** Index of the sought entry, the last one of equal ones. */
  protected lookUp(hash: number): number | undefined {
    const entry = this.#slots[this.#slotOf(hash)]!;
    return entry === 0 ? undefined : this.#indexOf(entry);
  }

  /** Where the sought entry is, or the empty slot where it would be. */
  #slotOf(hash: number): number {
    const slots = this.#slots;
    const tag = hash & ~this.#indexBits;
    let slot = Math.floor(((Math.imul(hash, 0x9e3779b1) >>> 0) / 2 ** 32) * slots.length);
    for (;;) {
      const entry = slots[slot]!;
      if (entry === 0) return slot;
      const hasTag = (entry & ~this.#indexBits) === tag;
      if (hasTag && this.isSought(this.#indexOf(entry))) return slot;
      slot = slot + 1 === slots.length ? 0 : slot + 1;
    }
  }

  #indexOf(entry: number): number {
    return ((entry & this.#indexBits) >>> 0) - 1;
  }
}

/** The last steps of MurmurHash3: each bit of the result depends on all. 32 bits. */
export function mixed(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const whole = Math.imul(half ^ (half >>> 13), 0xc2b2ae35);
  return whole ^ (whole >>> 16);
}
