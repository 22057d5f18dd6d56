/**
 * A copy of padded inside rows as unpadded rows in the order of positions.
 *
 *     padded   rows × stride, rank ≤ stride      out   rows × rank
 *     row r ── positions[r] ──► row positions[r] of the result
 */
export function unpadRows(
  padded: Float32Array | Float64Array,
  positions: Uint32Array,
  rank: number,
  stride: number,
): Float32Array {
  const out = new Float32Array(positions.length * rank);
  for (let row = 0; row < positions.length; row++) {
    unpadRow(padded, row, out, positions[row]!, { rank, stride });
  }
  return out;
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
  padded: Float32Array | Float64Array,
  positions: Uint32Array,
  column: number,
  stride: number,
): Float32Array {
  const out = new Float32Array(positions.length);
  for (let row = 0; row < positions.length; row++) {
    out[positions[row]!] = padded[row * stride + column]!;
  }
  return out;
}

/** Whether every row is its own position. */
export function isIdentity(positions: Uint32Array): boolean {
  return positions.every((position, row) => position === row);
}
