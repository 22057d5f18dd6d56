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
    const { from, rows } = this.#room(first, end);
    await this.#columns.read(4 * from, rows.columns);
    await this.#ratings.read(4 * from, rows.ratings);
    return rows;
  }

  /** Arrays for some rows, and where their entries begin in the files. */
  #room(first: number, end: number): { readonly from: number; readonly rows: SparseRows } {
    const from = this.offsets[first]!;
    const offsets = this.offsets.slice(first, end + 1);
    for (let row = 0; row < offsets.length; row++) offsets[row]! -= from;
    const columns = new Uint32Array(offsets.at(-1)!);
    const ratings = new Float32Array(columns.length);
    const { length } = offsets;
    const rows = {
      rowCount: length - 1,
      columnCount: this.#columnCount,
      offsets,
      columns,
      ratings,
    };
    return { from, rows };
  }

  /** As `rows`, at once. */
  rowsSync(first: number, end: number): SparseRows {
    const { from, rows } = this.#room(first, end);
    this.#columns.readSync(4 * from, rows.columns);
    this.#ratings.readSync(4 * from, rows.ratings);
    return rows;
  }

  async remove(): Promise<void> {
    await this.#columns.remove();
    await this.#ratings.remove();
  }
}
