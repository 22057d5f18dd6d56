import type { SparseRows } from '../ratings/sparse-rows.js';
import type { NumberColumn } from './database.js';

/** Entries by row: added in chunks, removed as whole rows. */
export class EntryBuffer {
  readonly #columnCount: number;
  #rows = new Uint32Array(2048);
  #columns = new Uint32Array(2048);
  #ratings = new Float32Array(2048);
  #length = 0;

  constructor(columnCount: number) {
    this.#columnCount = columnCount;
  }

  get length(): number {
    return this.#length;
  }

  /** Row of the entry that came last. */
  get lastRow(): number {
    return this.#rows[this.#length - 1]!;
  }

  /** Adds entries of rows that are not below those before. Copies. */
  append(rows: NumberColumn, columns: NumberColumn, ratings: NumberColumn, count: number): void {
    this.#reserve(this.#length + count);
    for (let from = 0; from < count; from++) {
      const to = this.#length + from;
      this.#rows[to] = rows[from]!;
      this.#columns[to] = columns[from]!;
      this.#ratings[to] = ratings[from]!;
    }
    this.#length += count;
  }

  /** Takes the rows `first` … `end` − 1 out; entries below `first` must be gone. */
  take(first: number, end: number): SparseRows {
    const rowCount = end - first;
    const offsets = new Uint32Array(rowCount + 1);
    let count = 0;
    for (; count < this.#length && this.#rows[count]! < end; count++) {
      offsets[this.#rows[count]! - first + 1]!++;
    }
    for (let row = 0; row < rowCount; row++) offsets[row + 1]! += offsets[row]!;
    const columns = this.#columns.slice(0, count);
    const ratings = this.#ratings.slice(0, count);
    for (const array of [this.#rows, this.#columns, this.#ratings]) {
      array.copyWithin(0, count, this.#length);
    }
    this.#length -= count;
    return { rowCount, columnCount: this.#columnCount, offsets, columns, ratings };
  }

  #reserve(length: number): void {
    if (length <= this.#rows.length) return;
    const size = Math.max(length, 2 * this.#rows.length);
    const grown = [new Uint32Array(size), new Uint32Array(size), new Float32Array(size)] as const;
    grown[0].set(this.#rows);
    grown[1].set(this.#columns);
    grown[2].set(this.#ratings);
    [this.#rows, this.#columns, this.#ratings] = grown;
  }
}
