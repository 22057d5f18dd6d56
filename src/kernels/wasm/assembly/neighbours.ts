import { multiplyAdd, sumsOfLanes } from './lanes';

/*
 * Products with a handful of rows of the fixed side, the neighbours of the row being solved, which
 * are scattered over the factor table. Eight dot products at a time share every load of the vector
 * and keep eight chains of additions going; a sum of 32 dimensions stays in registers while the
 * neighbours go by.
 *
 * How much is written out in a turn of a loop, and in which order, is what V8 turns into the least
 * instructions without spilling registers; benchmarks/README.md says what else was measured.
 */

/**
 * out[i] = yᵢ·vector for eight neighbours.
 *
 * @param rows eight u32, where each y begins, in units of 16 bytes
 * @param bytes of the vector, a multiple of 16
 * @param out eight f32
 */
export function dotEight(rows: usize, vector: usize, bytes: usize, out: usize): void {
  let y0 = addressAt(rows, 0);
  let y1 = addressAt(rows, 1);
  let y2 = addressAt(rows, 2);
  let y3 = addressAt(rows, 3);
  let y4 = addressAt(rows, 4);
  let y5 = addressAt(rows, 5);
  let y6 = addressAt(rows, 6);
  let y7 = addressAt(rows, 7);
  let d0 = f32x4.splat(0);
  let d1 = d0;
  let d2 = d0;
  let d3 = d0;
  let d4 = d0;
  let d5 = d0;
  let d6 = d0;
  let d7 = d0;
  const end = vector + bytes;
  // The fourth comes before the first: a quarter faster on Node 20, whose compiler then spills nothing.
  for (const whole = vector + (bytes & ~31); vector < whole; vector += 32) {
    const low = v128.load(vector);
    const high = v128.load(vector, 16);
    d4 = multiplyAdd(low, v128.load(y4), d4);
    d4 = multiplyAdd(high, v128.load(y4, 16), d4);
    d5 = multiplyAdd(low, v128.load(y5), d5);
    d5 = multiplyAdd(high, v128.load(y5, 16), d5);
    d6 = multiplyAdd(low, v128.load(y6), d6);
    d6 = multiplyAdd(high, v128.load(y6, 16), d6);
    d7 = multiplyAdd(low, v128.load(y7), d7);
    d7 = multiplyAdd(high, v128.load(y7, 16), d7);
    d0 = multiplyAdd(low, v128.load(y0), d0);
    d0 = multiplyAdd(high, v128.load(y0, 16), d0);
    d1 = multiplyAdd(low, v128.load(y1), d1);
    d1 = multiplyAdd(high, v128.load(y1, 16), d1);
    d2 = multiplyAdd(low, v128.load(y2), d2);
    d2 = multiplyAdd(high, v128.load(y2, 16), d2);
    d3 = multiplyAdd(low, v128.load(y3), d3);
    d3 = multiplyAdd(high, v128.load(y3, 16), d3);
    y0 += 32;
    y1 += 32;
    y2 += 32;
    y3 += 32;
    y4 += 32;
    y5 += 32;
    y6 += 32;
    y7 += 32;
  }
  if (vector < end) {
    const p = v128.load(vector);
    d0 = multiplyAdd(p, v128.load(y0), d0);
    d1 = multiplyAdd(p, v128.load(y1), d1);
    d2 = multiplyAdd(p, v128.load(y2), d2);
    d3 = multiplyAdd(p, v128.load(y3), d3);
    d4 = multiplyAdd(p, v128.load(y4), d4);
    d5 = multiplyAdd(p, v128.load(y5), d5);
    d6 = multiplyAdd(p, v128.load(y6), d6);
    d7 = multiplyAdd(p, v128.load(y7), d7);
  }
  v128.store(out, sumsOfLanes(d0, d1, d2, d3));
  v128.store(out, sumsOfLanes(d4, d5, d6, d7), 16);
}

/** As `dotEight`, for four neighbours. */
export function dotFour(rows: usize, vector: usize, bytes: usize, out: usize): void {
  let y0 = addressAt(rows, 0);
  let y1 = addressAt(rows, 1);
  let y2 = addressAt(rows, 2);
  let y3 = addressAt(rows, 3);
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

/** Bytes of the dimensions that `addPanel` adds. */
export const panelBytes: usize = 128;

/**
 * out += Σ weights[i]·yᵢ over the neighbours, in their order, in 32 dimensions from `shift` on.
 *
 * @param rows u32, where each y begins, in units of 16 bytes
 * @param count an even number
 * @param weights f32
 * @param shift byte of a row where the dimensions begin
 * @param out one row
 */
export function addPanel(
  rows: usize,
  count: usize,
  weights: usize,
  shift: usize,
  out: usize,
): void {
  out += shift;
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let s2 = v128.load(out, 32);
  let s3 = v128.load(out, 48);
  let s4 = v128.load(out, 64);
  let s5 = v128.load(out, 80);
  let s6 = v128.load(out, 96);
  let s7 = v128.load(out, 112);
  for (const end = rows + (count << 2); rows < end; rows += 8) {
    const a = addressAt(rows, 0) + shift;
    const b = addressAt(rows, 1) + shift;
    const wa = v128.load32_splat(weights);
    const wb = v128.load32_splat(weights, 4);
    s0 = multiplyAdd(wa, v128.load(a), s0);
    s0 = multiplyAdd(wb, v128.load(b), s0);
    s1 = multiplyAdd(wa, v128.load(a, 16), s1);
    s1 = multiplyAdd(wb, v128.load(b, 16), s1);
    s2 = multiplyAdd(wa, v128.load(a, 32), s2);
    s2 = multiplyAdd(wb, v128.load(b, 32), s2);
    s3 = multiplyAdd(wa, v128.load(a, 48), s3);
    s3 = multiplyAdd(wb, v128.load(b, 48), s3);
    s4 = multiplyAdd(wa, v128.load(a, 64), s4);
    s4 = multiplyAdd(wb, v128.load(b, 64), s4);
    s5 = multiplyAdd(wa, v128.load(a, 80), s5);
    s5 = multiplyAdd(wb, v128.load(b, 80), s5);
    s6 = multiplyAdd(wa, v128.load(a, 96), s6);
    s6 = multiplyAdd(wb, v128.load(b, 96), s6);
    s7 = multiplyAdd(wa, v128.load(a, 112), s7);
    s7 = multiplyAdd(wb, v128.load(b, 112), s7);
    weights += 8;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
  v128.store(out, s4, 64);
  v128.store(out, s5, 80);
  v128.store(out, s6, 96);
  v128.store(out, s7, 112);
}

/** As `addPanel`, in 16 dimensions. */
export function addHalfPanel(
  rows: usize,
  count: usize,
  weights: usize,
  shift: usize,
  out: usize,
): void {
  out += shift;
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let s2 = v128.load(out, 32);
  let s3 = v128.load(out, 48);
  for (const end = rows + (count << 2); rows < end; rows += 8) {
    const a = addressAt(rows, 0) + shift;
    const b = addressAt(rows, 1) + shift;
    const wa = v128.load32_splat(weights);
    const wb = v128.load32_splat(weights, 4);
    s0 = multiplyAdd(wa, v128.load(a), s0);
    s0 = multiplyAdd(wb, v128.load(b), s0);
    s1 = multiplyAdd(wa, v128.load(a, 16), s1);
    s1 = multiplyAdd(wb, v128.load(b, 16), s1);
    s2 = multiplyAdd(wa, v128.load(a, 32), s2);
    s2 = multiplyAdd(wb, v128.load(b, 32), s2);
    s3 = multiplyAdd(wa, v128.load(a, 48), s3);
    s3 = multiplyAdd(wb, v128.load(b, 48), s3);
    weights += 8;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}

/** As `addPanel`, for four neighbours and all dimensions from byte `shift` to byte `end` of a row. */
export function addFour(
  rows: usize,
  weights: usize,
  shift: usize,
  end: usize,
  out: usize,
): void {
  let y0 = addressAt(rows, 0) + shift;
  let y1 = addressAt(rows, 1) + shift;
  let y2 = addressAt(rows, 2) + shift;
  let y3 = addressAt(rows, 3) + shift;
  const w0 = v128.load32_splat(weights);
  const w1 = v128.load32_splat(weights, 4);
  const w2 = v128.load32_splat(weights, 8);
  const w3 = v128.load32_splat(weights, 12);
  const stop = out + end;
  for (out += shift; out < stop; out += 16) {
    let sum = v128.load(out);
    sum = multiplyAdd(w0, v128.load(y0), sum);
    sum = multiplyAdd(w1, v128.load(y1), sum);
    sum = multiplyAdd(w2, v128.load(y2), sum);
    sum = multiplyAdd(w3, v128.load(y3), sum);
    v128.store(out, sum);
    y0 += 16;
    y1 += 16;
    y2 += 16;
    y3 += 16;
  }
}

/** Byte where element i of an array of addresses in units of 16 bytes points. */
// @ts-ignore: decorator
@inline
function addressAt(rows: usize, i: usize): usize {
  return <usize>load<u32>(rows + (i << 2)) << 4;
}
