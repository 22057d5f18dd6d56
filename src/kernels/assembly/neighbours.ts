import { multiplyAdd, sumsOfLanes } from './lanes';

/*
 * Products with a handful of rows of the fixed side, the neighbours of the row being solved. They
 * are scattered over the factor table, so a group is read twice while it is in the first-level
 * cache: for its dot products, then for the sum they weigh. Eight at a time share every load of
 * the vector, or of the sum, and keep eight independent chains of additions going.
 */

/** Address of neighbour i of a list of u32 columns. */
// @ts-ignore: decorator
@inline
function neighbour(fixed: usize, rowBytes: usize, columns: usize, i: usize): usize {
  return fixed + load<u32>(columns + (i << 2)) * rowBytes;
}

/**
 * out[i] = yᵢ·vector for the eight neighbours in `columns`.
 *
 * @param fixed row-major, rows of `rowBytes` (a multiple of 16)
 * @param out eight f32
 */
export function dotEight(
  fixed: usize,
  rowBytes: usize,
  columns: usize,
  vector: usize,
  out: usize,
): void {
  let y0 = neighbour(fixed, rowBytes, columns, 0);
  let y1 = neighbour(fixed, rowBytes, columns, 1);
  let y2 = neighbour(fixed, rowBytes, columns, 2);
  let y3 = neighbour(fixed, rowBytes, columns, 3);
  let y4 = neighbour(fixed, rowBytes, columns, 4);
  let y5 = neighbour(fixed, rowBytes, columns, 5);
  let y6 = neighbour(fixed, rowBytes, columns, 6);
  let y7 = neighbour(fixed, rowBytes, columns, 7);
  let d0 = f32x4.splat(0);
  let d1 = d0;
  let d2 = d0;
  let d3 = d0;
  let d4 = d0;
  let d5 = d0;
  let d6 = d0;
  let d7 = d0;
  let at: usize = 0;
  for (const whole = rowBytes & ~63; at < whole; at += 64) {
    const p0 = v128.load(vector + at);
    d0 = multiplyAdd(p0, v128.load(y0 + at), d0);
    d1 = multiplyAdd(p0, v128.load(y1 + at), d1);
    d2 = multiplyAdd(p0, v128.load(y2 + at), d2);
    d3 = multiplyAdd(p0, v128.load(y3 + at), d3);
    d4 = multiplyAdd(p0, v128.load(y4 + at), d4);
    d5 = multiplyAdd(p0, v128.load(y5 + at), d5);
    d6 = multiplyAdd(p0, v128.load(y6 + at), d6);
    d7 = multiplyAdd(p0, v128.load(y7 + at), d7);
    const p1 = v128.load(vector + at, 16);
    d0 = multiplyAdd(p1, v128.load(y0 + at, 16), d0);
    d1 = multiplyAdd(p1, v128.load(y1 + at, 16), d1);
    d2 = multiplyAdd(p1, v128.load(y2 + at, 16), d2);
    d3 = multiplyAdd(p1, v128.load(y3 + at, 16), d3);
    d4 = multiplyAdd(p1, v128.load(y4 + at, 16), d4);
    d5 = multiplyAdd(p1, v128.load(y5 + at, 16), d5);
    d6 = multiplyAdd(p1, v128.load(y6 + at, 16), d6);
    d7 = multiplyAdd(p1, v128.load(y7 + at, 16), d7);
    const p2 = v128.load(vector + at, 32);
    d0 = multiplyAdd(p2, v128.load(y0 + at, 32), d0);
    d1 = multiplyAdd(p2, v128.load(y1 + at, 32), d1);
    d2 = multiplyAdd(p2, v128.load(y2 + at, 32), d2);
    d3 = multiplyAdd(p2, v128.load(y3 + at, 32), d3);
    d4 = multiplyAdd(p2, v128.load(y4 + at, 32), d4);
    d5 = multiplyAdd(p2, v128.load(y5 + at, 32), d5);
    d6 = multiplyAdd(p2, v128.load(y6 + at, 32), d6);
    d7 = multiplyAdd(p2, v128.load(y7 + at, 32), d7);
    const p3 = v128.load(vector + at, 48);
    d0 = multiplyAdd(p3, v128.load(y0 + at, 48), d0);
    d1 = multiplyAdd(p3, v128.load(y1 + at, 48), d1);
    d2 = multiplyAdd(p3, v128.load(y2 + at, 48), d2);
    d3 = multiplyAdd(p3, v128.load(y3 + at, 48), d3);
    d4 = multiplyAdd(p3, v128.load(y4 + at, 48), d4);
    d5 = multiplyAdd(p3, v128.load(y5 + at, 48), d5);
    d6 = multiplyAdd(p3, v128.load(y6 + at, 48), d6);
    d7 = multiplyAdd(p3, v128.load(y7 + at, 48), d7);
  }
  for (; at < rowBytes; at += 16) {
    const p = v128.load(vector + at);
    d0 = multiplyAdd(p, v128.load(y0 + at), d0);
    d1 = multiplyAdd(p, v128.load(y1 + at), d1);
    d2 = multiplyAdd(p, v128.load(y2 + at), d2);
    d3 = multiplyAdd(p, v128.load(y3 + at), d3);
    d4 = multiplyAdd(p, v128.load(y4 + at), d4);
    d5 = multiplyAdd(p, v128.load(y5 + at), d5);
    d6 = multiplyAdd(p, v128.load(y6 + at), d6);
    d7 = multiplyAdd(p, v128.load(y7 + at), d7);
  }
  v128.store(out, sumsOfLanes(d0, d1, d2, d3));
  v128.store(out, sumsOfLanes(d4, d5, d6, d7), 16);
}

/** As `dotEight`, for four neighbours. */
export function dotFour(
  fixed: usize,
  rowBytes: usize,
  columns: usize,
  vector: usize,
  out: usize,
): void {
  let y0 = neighbour(fixed, rowBytes, columns, 0);
  let y1 = neighbour(fixed, rowBytes, columns, 1);
  let y2 = neighbour(fixed, rowBytes, columns, 2);
  let y3 = neighbour(fixed, rowBytes, columns, 3);
  let d0 = f32x4.splat(0);
  let d1 = d0;
  let d2 = d0;
  let d3 = d0;
  for (let at: usize = 0; at < rowBytes; at += 16) {
    const p = v128.load(vector + at);
    d0 = multiplyAdd(p, v128.load(y0 + at), d0);
    d1 = multiplyAdd(p, v128.load(y1 + at), d1);
    d2 = multiplyAdd(p, v128.load(y2 + at), d2);
    d3 = multiplyAdd(p, v128.load(y3 + at), d3);
  }
  v128.store(out, sumsOfLanes(d0, d1, d2, d3));
}

/**
 * out += Σ weights[i]·yᵢ over the eight neighbours in `columns`, in their order.
 *
 * @param weights eight f32
 * @param out one row
 */
export function addEight(
  fixed: usize,
  rowBytes: usize,
  columns: usize,
  weights: usize,
  out: usize,
): void {
  let y0 = neighbour(fixed, rowBytes, columns, 0);
  let y1 = neighbour(fixed, rowBytes, columns, 1);
  let y2 = neighbour(fixed, rowBytes, columns, 2);
  let y3 = neighbour(fixed, rowBytes, columns, 3);
  let y4 = neighbour(fixed, rowBytes, columns, 4);
  let y5 = neighbour(fixed, rowBytes, columns, 5);
  let y6 = neighbour(fixed, rowBytes, columns, 6);
  let y7 = neighbour(fixed, rowBytes, columns, 7);
  const w0 = v128.load32_splat(weights);
  const w1 = v128.load32_splat(weights, 4);
  const w2 = v128.load32_splat(weights, 8);
  const w3 = v128.load32_splat(weights, 12);
  const w4 = v128.load32_splat(weights, 16);
  const w5 = v128.load32_splat(weights, 20);
  const w6 = v128.load32_splat(weights, 24);
  const w7 = v128.load32_splat(weights, 28);
  let at: usize = 0;
  for (const whole = rowBytes & ~31; at < whole; at += 32) {
    let low = v128.load(out + at);
    let high = v128.load(out + at, 16);
    low = multiplyAdd(w0, v128.load(y0 + at), low);
    high = multiplyAdd(w0, v128.load(y0 + at, 16), high);
    low = multiplyAdd(w1, v128.load(y1 + at), low);
    high = multiplyAdd(w1, v128.load(y1 + at, 16), high);
    low = multiplyAdd(w2, v128.load(y2 + at), low);
    high = multiplyAdd(w2, v128.load(y2 + at, 16), high);
    low = multiplyAdd(w3, v128.load(y3 + at), low);
    high = multiplyAdd(w3, v128.load(y3 + at, 16), high);
    low = multiplyAdd(w4, v128.load(y4 + at), low);
    high = multiplyAdd(w4, v128.load(y4 + at, 16), high);
    low = multiplyAdd(w5, v128.load(y5 + at), low);
    high = multiplyAdd(w5, v128.load(y5 + at, 16), high);
    low = multiplyAdd(w6, v128.load(y6 + at), low);
    high = multiplyAdd(w6, v128.load(y6 + at, 16), high);
    low = multiplyAdd(w7, v128.load(y7 + at), low);
    high = multiplyAdd(w7, v128.load(y7 + at, 16), high);
    v128.store(out + at, low);
    v128.store(out + at, high, 16);
  }
  if (at < rowBytes) {
    let sum = v128.load(out + at);
    sum = multiplyAdd(w0, v128.load(y0 + at), sum);
    sum = multiplyAdd(w1, v128.load(y1 + at), sum);
    sum = multiplyAdd(w2, v128.load(y2 + at), sum);
    sum = multiplyAdd(w3, v128.load(y3 + at), sum);
    sum = multiplyAdd(w4, v128.load(y4 + at), sum);
    sum = multiplyAdd(w5, v128.load(y5 + at), sum);
    sum = multiplyAdd(w6, v128.load(y6 + at), sum);
    sum = multiplyAdd(w7, v128.load(y7 + at), sum);
    v128.store(out + at, sum);
  }
}

/** As `addEight`, for four neighbours. */
export function addFour(
  fixed: usize,
  rowBytes: usize,
  columns: usize,
  weights: usize,
  out: usize,
): void {
  let y0 = neighbour(fixed, rowBytes, columns, 0);
  let y1 = neighbour(fixed, rowBytes, columns, 1);
  let y2 = neighbour(fixed, rowBytes, columns, 2);
  let y3 = neighbour(fixed, rowBytes, columns, 3);
  const w0 = v128.load32_splat(weights);
  const w1 = v128.load32_splat(weights, 4);
  const w2 = v128.load32_splat(weights, 8);
  const w3 = v128.load32_splat(weights, 12);
  for (let at: usize = 0; at < rowBytes; at += 16) {
    let sum = v128.load(out + at);
    sum = multiplyAdd(w0, v128.load(y0 + at), sum);
    sum = multiplyAdd(w1, v128.load(y1 + at), sum);
    sum = multiplyAdd(w2, v128.load(y2 + at), sum);
    sum = multiplyAdd(w3, v128.load(y3 + at), sum);
    v128.store(out + at, sum);
  }
}
