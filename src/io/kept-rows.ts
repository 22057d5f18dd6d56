import type { TimedRows } from '../ratings/merge-duplicates.js';
import type { Ratings, RatingsOutline } from '../ratings/ratings.js';
import { allocateSparseRows, type RowLengths, transpose } from '../ratings/sparse-rows.js';

/** Rows of some users, which come in the order of the users. */
export class KeptRows {
  readonly #columnCount: number;
  readonly #lengths: Uint32Array;
  readonly #columns: Uint32Array[] = [];
  readonly #ratings: Float32Array[] = [];
  readonly #timestamps: Float64Array[] = [];

  constructor({ rowCount, columnCount }: Pick<RowLengths, 'rowCount' | 'columnCount'>) {
    this.#lengths = new Uint32Array(rowCount);
    this.#columnCount = columnCount;
  }

  add(first: number, { rows, timestamps }: TimedRows, isKept: (row: number) => boolean): void {
    const { rowCount, offsets } = rows;
    const kept = Array.from({ length: rowCount }, (_, row) => row).filter(isKept);
    let count = 0;
    for (const row of kept) count += offsets[row + 1]! - offsets[row]!;
    const columns = new Uint32Array(count);
    const ratings = new Float32Array(count);
    const times = timestamps && new Float64Array(count);
    let to = 0;
    for (const row of kept) {
      const [from, end] = [offsets[row]!, offsets[row + 1]!];
      columns.set(rows.columns.subarray(from, end), to);
      ratings.set(rows.ratings.subarray(from, end), to);
      times?.set(timestamps!.subarray(from, end), to);
      to += end - from;
      this.#lengths[first + row] = end - from;
    }
    this.#columns.push(columns);
    this.#ratings.push(ratings);
    if (times !== undefined) this.#timestamps.push(times);
  }

  /** All of them both ways, in the arena. */
  ratings(outline: Omit<RatingsOutline, 'byUser' | 'byItem'>): Ratings {
    const { arena } = outline;
    const rowCount = this.#lengths.length;
    const count = this.#columns.reduce((sum, { length }) => sum + length, 0);
    const byUser = allocateSparseRows(arena, { rowCount, columnCount: this.#columnCount, count });
    for (let row = 0; row < rowCount; row++) {
      byUser.offsets[row + 1] = byUser.offsets[row]! + this.#lengths[row]!;
    }
    const timestamps = this.#timestamps.length > 0 ? arena.float64(count) : undefined;
    let to = 0;
    for (const [at, columns] of this.#columns.entries()) {
      byUser.columns.set(columns, to);
      byUser.ratings.set(this.#ratings[at]!, to);
      timestamps?.set(this.#timestamps[at]!, to);
      to += columns.length;
    }
    const byItem = transpose(byUser, arena);
    return { ...outline, byUser, byItem, ...(timestamps && { timestamps }) };
  }
}
