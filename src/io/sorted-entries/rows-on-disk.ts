import type { SparseRows } from '../../ratings/sparse-rows.js';
import type { SpillFile } from './spill-file.js';

/** Rows of one side: their lengths in memory, their entries in two files. */
export class RowsOnDisk {
  /** Where rows begin, as in `RowLengths`. */
  readonly offsets: Uint32Array;
  readonly #columnCount: number;
  readonly #columns: SpillFile;
  readonly #ratings: SpillFile;
  #rows = 0;

  constructor(
    { rowCount, columnCount }: Pick<SparseRows, 'rowCount' | 'columnCount'>,
    columns: SpillFile,
    ratings: SpillFile,
  ) {
    this.#columnCount = columnCount;
    this.offsets = new Uint32Array(rowCount + 1);
    this.#columns = columns;
    this.#ratings = ratings;
  }

  /** Adds the next rows. */
  async append({ rowCount, offsets, columns, ratings }: SparseRows): Promise<void> {
    const before = this.offsets[this.#rows]!;
    for (let row = 1; row <= rowCount; row++) {
      this.offsets[this.#rows + row] = before + offsets[row]!;
    }
    this.#rows += rowCount;
    await this.#columns.append(columns);
    await this.#ratings.append(ratings);
  }

  /** Rows `first` … `end` − 1, in memory of their own. All rows must have been added. */
  async rows(first: number, end: number): Promise<SparseRows> {
    const from = this.offsets[first]!;
    const offsets = this.offsets.slice(first, end + 1);
    for (let row = 0; row < offsets.length; row++) offsets[row]! -= from;
    const count = offsets.at(-1)!;
    const columns = new Uint32Array(count);
    const ratings = new Float32Array(count);
    await this.#columns.read(4 * from, columns);
    await this.#ratings.read(4 * from, ratings);
    return { rowCount: end - first, columnCount: this.#columnCount, offsets, columns, ratings };
  }

  /** All rows, in memory of their own, at once. */
  load(): SparseRows {
    const { offsets } = this;
    const rowCount = offsets.length - 1;
    const columns = new Uint32Array(offsets[rowCount]!);
    const ratings = new Float32Array(columns.length);
    this.#columns.readSync(0, columns);
    this.#ratings.readSync(0, ratings);
    return { rowCount, columnCount: this.#columnCount, offsets: offsets.slice(), columns, ratings };
  }

  async remove(): Promise<void> {
    await this.#columns.remove();
    await this.#ratings.remove();
  }
}
