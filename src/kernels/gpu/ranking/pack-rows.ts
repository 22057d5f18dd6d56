import { elementStep, panelRows } from './shaders.js';

/** Elements of a packed row: `rank` and zeros. */
export function packedWidth(rank: number): number {
  return Math.ceil(rank / elementStep) * elementStep;
}

/** Rows whose positions are the given ones, or 0, 1, …; row-major, `rank` elements each. */
export interface PackedRows {
  readonly rows: Float32Array;
  readonly rank: number;
  readonly count: number;
  readonly positions?: Uint32Array;
}

/**
 * Writes rows in panels of 64, which a workgroup reads front to back:
 *
 *     panel 0: element 0 of rows 0 … 63, element 1 of rows 0 … 63, …    panel 1: element 0 of rows 64 …
 *
 * What fills rows up to `packedWidth` and the last panel stays as it is in `out`: zero, or finite
 * elements of rows that are not read.
 *
 * @param out at least whole panels of count rows
 */
export function packRows(
  { rows, rank, count, positions }: PackedRows,
  out: Float32Array,
): Float32Array {
  const width = packedWidth(rank);
  for (let i = 0; i < count; i++) {
    const from = (positions?.[i] ?? i) * rank;
    let to = Math.floor(i / panelRows) * panelRows * width + (i % panelRows);
    for (let k = 0; k < rank; k++) {
      out[to] = rows[from + k]!;
      to += panelRows;
    }
  }
  return out;
}
