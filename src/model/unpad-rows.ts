/**
 * Padded rows in the numbering inside: one array of rows × stride elements, or spans that follow one
 * another, each of which may be gone when the next one is taken.
 */
export type PaddedRows = Float32Array | Float64Array | Iterable<PaddedSpan>;

/** Some padded rows that lie together. */
export interface PaddedSpan {
  readonly elements: Float32Array | Float64Array;
  readonly firstRow: number;
  readonly rowCount: number;
}

/**
 * A copy of padded inside rows as unpadded rows in the order of positions.
 *
 *     padded   rows × stride, rank ≤ stride      out   rows × rank
 *     row r ── positions[r] ──► row positions[r] of the result
 */
export function unpadRows(
  padded: PaddedRows,
  positions: Uint32Array,
  rank: number,
  stride: number,
): Float32Array {
  const out = new Float32Array(positions.length * rank);
  for (const { elements, firstRow, rowCount } of spansOf(padded, positions.length)) {
    for (let row = 0; row < rowCount; row++) {
      unpadRow(elements, row, out, positions[firstRow + row]!, { rank, stride });
    }
  }
  return out;
}

/** The spans of `rowCount` padded rows. */
export function spansOf(padded: PaddedRows, rowCount: number): Iterable<PaddedSpan> {
  return ArrayBuffer.isView(padded) ? [{ elements: padded, firstRow: 0, rowCount }] : padded;
}

/** Copies one padded row to `position` of unpadded rows. */
export function unpadRow(
  padded: Float32Array | Float64Array,
  row: number,
  out: Float32Array,
  position: number,
  { rank, stride }: { readonly rank: number; readonly stride: number },
): void {
  const from = row * stride;
  const to = position * rank;
  for (let k = 0; k < rank; k++) out[to + k] = padded[from + k]!;
}

/** One column of padded inside rows, by position; see `unpadRows`. */
export function unpadColumn(
  padded: PaddedRows,
  positions: Uint32Array,
  column: number,
  stride: number,
): Float32Array {
  const out = new Float32Array(positions.length);
  for (const { elements, firstRow, rowCount } of spansOf(padded, positions.length)) {
    for (let row = 0; row < rowCount; row++) {
      out[positions[firstRow + row]!] = elements[row * stride + column]!;
    }
  }
  return out;
}

/** Whether every row is its own position. */
export function isIdentity(positions: Uint32Array): boolean {
  return positions.every((position, row) => position === row);
}
