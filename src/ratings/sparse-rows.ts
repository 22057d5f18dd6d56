import type { Arena } from '../arena.js';

/**
 * How long the rows of a sparse matrix are.
 *
 *     offsets   rowCount + 1     row r holds entries offsets[r] … offsets[r + 1] − 1
 */
export interface RowLengths {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly offsets: Uint32Array;
}

/**
 * A sparse matrix row by row (CSR).
 *
 *     columns   one per entry    ascending and distinct inside a row
 *     ratings   one per entry    r_ui as it came, float32
 */
export interface SparseRows extends RowLengths {
  readonly columns: Uint32Array;
  readonly ratings: Float32Array;
}

/** Number of entries. */
export function entryCount({ rowCount, offsets }: RowLengths): number {
  return offsets[rowCount]!;
}

/** A new matrix with room for `count` entries, all zero, in `arena`. */
export function allocateSparseRows(
  arena: Arena,
  shape: { readonly rowCount: number; readonly columnCount: number; readonly count: number },
): SparseRows {
  return {
    rowCount: shape.rowCount,
    columnCount: shape.columnCount,
    offsets: arena.uint32(shape.rowCount + 1),
    columns: arena.uint32(shape.count),
    ratings: arena.float32(shape.count),
  };
}

/** Gives the arrays of a matrix that `allocateSparseRows` made back to `arena`. */
export function releaseSparseRows(rows: SparseRows, arena: Arena): void {
  for (const array of [rows.offsets, rows.columns, rows.ratings]) arena.release(array.byteOffset);
}

/**
 * The same entries with rows and columns exchanged, in `arena`. A counting sort: columns of the
 * result ascend for any order of `rows`. Doing it twice sorts.
 *
 * @param known offsets of the result, where they are known: counting them costs a third of the time
 */
export function transpose(rows: SparseRows, arena: Arena, known?: Uint32Array): SparseRows {
  const { rowCount, columnCount, offsets, columns, ratings } = rows;
  const out = allocateSparseRows(arena, {
    rowCount: columnCount,
    columnCount: rowCount,
    count: columns.length,
  });
  if (known !== undefined) {
    out.offsets.set(known);
  } else {
    for (let at = 0; at < columns.length; at++) out.offsets[columns[at]! + 1]!++;
    for (let row = 0; row < columnCount; row++) out.offsets[row + 1]! += out.offsets[row]!;
  }
  const next = out.offsets.slice(0, columnCount);
  for (let row = 0; row < rowCount; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const to = next[columns[at]!]!++;
      out.columns[to] = row;
      out.ratings[to] = ratings[at]!;
    }
  }
  return out;
}
