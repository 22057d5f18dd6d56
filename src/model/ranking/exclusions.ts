import { panelItems, type SearchRoom } from '../../kernels/wasm/item-index.js';
import type { Positions } from './item-set.js';

/** Which items a list may hold. */
export interface ExcludedItems {
  /** Only these; default all. */
  readonly allow?: Positions | undefined;
  /** None of these, even if allowed. */
  readonly deny?: Positions | undefined;
  /** None of these either; marked anew for each query. */
  readonly seen?: ArrayLike<number> | undefined;
}

/**
 * Marks of the items that a search must leave out, a bit a slot. Filling all of them anew takes a tenth
 * of a search of 1,000,000 items, so those of a search are taken back where they are few.
 */
export class Exclusions {
  /** The slot of every position. */
  readonly #slots: Uint32Array;
  /** Marks of the positions of an `ItemSet`. */
  readonly #marks = new WeakMap<Uint32Array, Uint32Array>();
  /** Rooms without marks, but for what fills the last panel up. */
  readonly #clean = new WeakSet<SearchRoom>();

  constructor(slots: Uint32Array) {
    this.#slots = slots;
  }

  /** Marks what must not be in the list. */
  mark({ allow, deny, seen }: ExcludedItems, room: SearchRoom): void {
    const { excluded } = room;
    const isClean = this.#clean.delete(room);
    if (allow === undefined) {
      if (!isClean) excluded.fill(0);
    } else if (allow instanceof Uint32Array) {
      const marks = this.#marksOf(allow);
      for (let word = 0; word < marks.length; word++) excluded[word] = ~marks[word]!;
    } else {
      excluded.fill(0xffffffff);
      for (const position of allow) {
        const slot = this.#slots[position]!;
        excluded[slot >>> 5]! &= ~(1 << (slot & 31));
      }
    }
    if (deny instanceof Uint32Array) {
      const marks = this.#marksOf(deny);
      for (let word = 0; word < marks.length; word++) excluded[word]! |= marks[word]!;
    } else if (deny !== undefined) {
      markPositions(deny, this.#slots, excluded);
    }
    if (seen !== undefined) markPositions(seen, this.#slots, excluded);
    // No item fills the last panel up.
    const rest = this.#slots.length % panelItems;
    if (rest > 0) excluded[excluded.length - 1]! |= -1 << rest;
  }

  /** Takes the marks of a query back where they are few. */
  unmark({ allow, deny = [], seen = [] }: ExcludedItems, room: SearchRoom): void {
    if (allow !== undefined || deny instanceof Uint32Array) return;
    if (deny.length + seen.length > room.excluded.length) return;
    for (const positions of [deny, seen]) {
      for (let at = 0; at < positions.length; at++) {
        room.excluded[this.#slots[positions[at]!]! >>> 5] = 0;
      }
    }
    this.#clean.add(room);
  }

  #marksOf(positions: Uint32Array): Uint32Array {
    const known = this.#marks.get(positions);
    if (known !== undefined) return known;
    const marks = new Uint32Array(Math.ceil(this.#slots.length / panelItems));
    markPositions(positions, this.#slots, marks);
    this.#marks.set(positions, marks);
    return marks;
  }
}

function markPositions(positions: ArrayLike<number>, slots: Uint32Array, marks: Uint32Array): void {
  for (let at = 0; at < positions.length; at++) {
    const slot = slots[positions[at]!]!;
    marks[slot >>> 5]! |= 1 << (slot & 31);
  }
}
