import type { Arena } from '../arena.js';

/** A numbering of rows and its inverse. */
export interface RowNumbering {
  /** Position of every row, in the arena. */
  readonly positions: Uint32Array;
  /** Row of every position. */
  readonly rows: Uint32Array;
  /** Entries of the rows before each row, and last those of all: CSR offsets. */
  readonly offsets: Uint32Array;
}

/**
 * Numbers rows by falling count of their entries, ties by rising position.
 * A counting sort over the counts: deterministic, and independent of the order of the entries.
 *
 * @param entries position of every entry, each < `size`
 * @param size number of positions; those without entries get the last rows
 */
export function numberByCount(entries: Uint32Array, size: number, arena: Arena): RowNumbering {
  const counts = new Uint32Array(size);
  let highest = 0;
  for (let at = 0; at < entries.length; at++) {
    const count = ++counts[entries[at]!]!;
    if (count > highest) highest = count;
  }
  const starts = new Uint32Array(highest + 2);
  for (let position = 0; position < size; position++) starts[highest - counts[position]! + 1]!++;
  for (let count = 0; count <= highest; count++) starts[count + 1]! += starts[count]!;
  const positions = arena.uint32(size);
  const rows = new Uint32Array(size);
  for (let position = 0; position < size; position++) {
    const row = starts[highest - counts[position]!]!++;
    positions[row] = position;
    rows[position] = row;
  }
  const offsets = new Uint32Array(size + 1);
  for (let row = 0; row < size; row++) offsets[row + 1] = offsets[row]! + counts[positions[row]!]!;
  return { positions, rows, offsets };
}
