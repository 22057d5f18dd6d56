import { multiplyAdd, sumsOfLanes } from './lanes';

/**
 * out[v × rowCount + row] = vectors[v]·rows[row] for every pair: what recommending asks for.
 *
 *     vectors   vectorCount × stride f32, padding zero
 *     rows      rowCount × stride f32, padding zero
 *     out       vectorCount × rowCount f32
 *
 * Vectors are taken two at a time against four rows, so eight sums share six loads.
 */
export function scores(
  vectors: usize,
  vectorCount: usize,
  rows: usize,
  rowCount: usize,
  stride: usize,
  out: usize,
): void {
  const rowBytes = stride << 2;
  const lineBytes = rowCount << 2;
  for (let v: usize = 0; v < vectorCount; v += 2) {
    // A last vector or row without company is paired with itself.
    const v1 = min(v + 1, vectorCount - 1);
    for (let row: usize = 0; row < rowCount; row += 4) {
      scoreTile(
        vectors + v * rowBytes,
        vectors + v1 * rowBytes,
        rows + row * rowBytes,
        rows + min(row + 1, rowCount - 1) * rowBytes,
        rows + min(row + 2, rowCount - 1) * rowBytes,
        rows + min(row + 3, rowCount - 1) * rowBytes,
        rowBytes,
        out + v * lineBytes + (row << 2),
        out + v1 * lineBytes + (row << 2),
        rowCount - row,
      );
    }
  }
}

/** @param left rows that are still to be written; beyond four they are the next tile's */
// @ts-ignore: decorator
@inline
function scoreTile(
  p: usize,
  q: usize,
  y0: usize,
  y1: usize,
  y2: usize,
  y3: usize,
  rowBytes: usize,
  outP: usize,
  outQ: usize,
  left: usize,
): void {
  let p0 = f32x4.splat(0);
  let p1 = p0;
  let p2 = p0;
  let p3 = p0;
  let q0 = p0;
  let q1 = p0;
  let q2 = p0;
  let q3 = p0;
  for (let at: usize = 0; at < rowBytes; at += 16) {
    const x = v128.load(p + at);
    const z = v128.load(q + at);
    const a = v128.load(y0 + at);
    p0 = multiplyAdd(x, a, p0);
    q0 = multiplyAdd(z, a, q0);
    const b = v128.load(y1 + at);
    p1 = multiplyAdd(x, b, p1);
    q1 = multiplyAdd(z, b, q1);
    const c = v128.load(y2 + at);
    p2 = multiplyAdd(x, c, p2);
    q2 = multiplyAdd(z, c, q2);
    const d = v128.load(y3 + at);
    p3 = multiplyAdd(x, d, p3);
    q3 = multiplyAdd(z, d, q3);
  }
  writeFour(outP, sumsOfLanes(p0, p1, p2, p3), left);
  writeFour(outQ, sumsOfLanes(q0, q1, q2, q3), left);
}

// @ts-ignore: decorator
@inline
function writeFour(out: usize, sums: v128, left: usize): void {
  if (left >= 4) {
    v128.store(out, sums);
    return;
  }
  store<f32>(out, f32x4.extract_lane(sums, 0));
  if (left > 1) store<f32>(out, f32x4.extract_lane(sums, 1), 4);
  if (left > 2) store<f32>(out, f32x4.extract_lane(sums, 2), 8);
}
