import { multiplyAdd, sumsOfLanes } from './lanes';
import { indexAt } from './task';

/*
 * Products with a handful of rows of the fixed side, the neighbours of the row being solved, which
 * are scattered over the factor table. Eight dot products at a time share every load of the vector
 * and keep eight chains of additions going; a sum takes four neighbours at a time and shares the
 * loads and stores of the result.
 *
 * The loops are short on purpose: an engine that unrolls them itself keeps everything in registers,
 * and spills when it is given more.
 */

/** Address of neighbour i of a list of u32 columns. */
// @ts-ignore: decorator
@inline
function neighbour(fixed: usize, rowBytes: usize, columns: usize, i: usize): usize {
  return fixed + indexAt(columns, i) * rowBytes;
}

/**
 * out[i] = yᵢ·vector for the eight neighbours in `columns`.
 *
 * @param fixed row-major, a row every `rowBytes` (a multiple of 16); with the address of a later
 *   dimension than the first, y begins there
 * @param bytes of the vector, a multiple of 16
 * @param out eight f32
 */
export function dotEight(
  fixed: usize,
  rowBytes: usize,
  columns: usize,
  vector: usize,
  bytes: usize,
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
  // Four before nought: worth a tenth on Node 20, whose compiler then spills nothing.
  for (const end = vector + bytes; vector < end; vector += 16) {
    const p = v128.load(vector);
    d4 = multiplyAdd(p, v128.load(y4), d4);
    d5 = multiplyAdd(p, v128.load(y5), d5);
    d6 = multiplyAdd(p, v128.load(y6), d6);
    d7 = multiplyAdd(p, v128.load(y7), d7);
    d0 = multiplyAdd(p, v128.load(y0), d0);
    d1 = multiplyAdd(p, v128.load(y1), d1);
    d2 = multiplyAdd(p, v128.load(y2), d2);
    d3 = multiplyAdd(p, v128.load(y3), d3);
    y0 += 16;
    y1 += 16;
    y2 += 16;
    y3 += 16;
    y4 += 16;
    y5 += 16;
    y6 += 16;
    y7 += 16;
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
  bytes: usize,
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
  for (const end = vector + bytes; vector < end; vector += 16) {
    const p = v128.load(vector);
    d0 = multiplyAdd(p, v128.load(y0), d0);
    d1 = multiplyAdd(p, v128.load(y1), d1);
    d2 = multiplyAdd(p, v128.load(y2), d2);
    d3 = multiplyAdd(p, v128.load(y3), d3);
    y0 += 16;
    y1 += 16;
    y2 += 16;
    y3 += 16;
  }
  v128.store(out, sumsOfLanes(d0, d1, d2, d3));
}

/**
 * out += Σ weights[i]·yᵢ over the four neighbours in `columns`, in their order.
 *
 * @param weights four f32
 * @param out one row
 */
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
  const end = out + rowBytes;
  for (const whole = out + (rowBytes & ~31); out < whole; out += 32) {
    let low = v128.load(out);
    let high = v128.load(out, 16);
    low = multiplyAdd(w0, v128.load(y0), low);
    high = multiplyAdd(w0, v128.load(y0, 16), high);
    low = multiplyAdd(w1, v128.load(y1), low);
    high = multiplyAdd(w1, v128.load(y1, 16), high);
    low = multiplyAdd(w2, v128.load(y2), low);
    high = multiplyAdd(w2, v128.load(y2, 16), high);
    low = multiplyAdd(w3, v128.load(y3), low);
    high = multiplyAdd(w3, v128.load(y3, 16), high);
    v128.store(out, low);
    v128.store(out, high, 16);
    y0 += 32;
    y1 += 32;
    y2 += 32;
    y3 += 32;
  }
  if (out < end) {
    let sum = v128.load(out);
    sum = multiplyAdd(w0, v128.load(y0), sum);
    sum = multiplyAdd(w1, v128.load(y1), sum);
    sum = multiplyAdd(w2, v128.load(y2), sum);
    sum = multiplyAdd(w3, v128.load(y3), sum);
    v128.store(out, sum);
  }
}
