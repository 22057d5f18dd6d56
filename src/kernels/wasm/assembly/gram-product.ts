import { multiplyAdd } from './lanes';
import { elementAt, Task } from './task';

/*
 * (u·gram + λI)·v for many rows v at once, all of the product or a part of its columns: four rows share each load of the Gram matrix, so short
 * rows, which are most rows, cost arithmetic instead of memory. Each row's sums run over gram's rows
 * in order, whichever rows it shares the loads with.
 *
 * The matrix is packed in panels of eight columns (the last one may have four), each read front to
 * back:
 *
 *     panel 0: g[0][0 … 7] g[1][0 … 7] … g[stride − 1][0 … 7]   panel 1: g[0][8 … 15] …
 */

/** Packs u·gram; `panels` takes stride × stride f32. */
export function packGram(task: Task, panels: usize): void {
  const stride = task.stride;
  const gram = task.gram;
  const weight = f32x4.splat(task.unobservedWeight);
  const rowBytes = stride << 2;
  for (let column: usize = 0; column < rowBytes; column += 32) {
    const width = min(32, rowBytes - column);
    for (let row: usize = 0; row < stride; row++) {
      for (let at: usize = 0; at < width; at += 16) {
        v128.store(panels, f32x4.mul(weight, v128.load(gram + row * rowBytes + column + at)));
        panels += 16;
      }
    }
  }
}

/**
 * products[i] = (u·gram + λI)·vectors[i] for rows `firstRow` … `firstRow` + `count` − 1 of the solved
 * side, whose vectors and products are `count` consecutive rows each.
 *
 * @param panels as `packGram` left them; not read if the unobserved weight is 0
 * @param first byte of a product where the columns to compute begin, a multiple of 32
 * @param end byte where they end, a multiple of 32 or the end of the product
 */
export function multiplyByGram(
  task: Task,
  panels: usize,
  firstRow: usize,
  count: usize,
  vectors: usize,
  products: usize,
  first: usize,
  end: usize,
): void {
  const rowBytes = task.stride << 2;
  assert(count > 0 && end <= rowBytes, 'more columns than a row has');
  const lambdas = elementAt(task.regularizers, firstRow);
  for (let i: usize = 0; i < count; i += 4) {
    // A last group of fewer than four repeats its last row.
    const i1 = min(i + 1, count - 1);
    const i2 = min(i + 2, count - 1);
    const i3 = min(i + 3, count - 1);
    multiplyFour(
      panels + first * task.stride,
      task.unobservedWeight == 0 ? 0 : rowBytes,
      first,
      end,
      vectors + i * rowBytes,
      vectors + i1 * rowBytes,
      vectors + i2 * rowBytes,
      vectors + i3 * rowBytes,
      products - vectors,
      elementAt(lambdas, i),
      elementAt(lambdas, i1),
      elementAt(lambdas, i2),
      elementAt(lambdas, i3),
    );
  }
}

/**
 * The products of four rows, each `apart` bytes after its vector.
 *
 * @param panels the first of the columns' panels
 * @param depthBytes bytes of a vector to multiply: all, or none if the Gram matrix has no weight
 */
function multiplyFour(
  panels: usize,
  depthBytes: usize,
  column: usize,
  end: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  apart: usize,
  lambdaA: usize,
  lambdaB: usize,
  lambdaC: usize,
  lambdaD: usize,
): void {
  const la = v128.load32_splat(lambdaA);
  const lb = v128.load32_splat(lambdaB);
  const lc = v128.load32_splat(lambdaC);
  const ld = v128.load32_splat(lambdaD);
  for (const whole = end & ~31; column < whole; column += 32) {
    let a0 = f32x4.mul(la, v128.load(a + column));
    let a1 = f32x4.mul(la, v128.load(a + column, 16));
    let b0 = f32x4.mul(lb, v128.load(b + column));
    let b1 = f32x4.mul(lb, v128.load(b + column, 16));
    let c0 = f32x4.mul(lc, v128.load(c + column));
    let c1 = f32x4.mul(lc, v128.load(c + column, 16));
    let d0 = f32x4.mul(ld, v128.load(d + column));
    let d1 = f32x4.mul(ld, v128.load(d + column, 16));
    for (let at: usize = 0; at < depthBytes; at += 4) {
      const low = v128.load(panels);
      const high = v128.load(panels, 16);
      const va = v128.load32_splat(a + at);
      a0 = multiplyAdd(va, low, a0);
      a1 = multiplyAdd(va, high, a1);
      const vb = v128.load32_splat(b + at);
      b0 = multiplyAdd(vb, low, b0);
      b1 = multiplyAdd(vb, high, b1);
      const vc = v128.load32_splat(c + at);
      c0 = multiplyAdd(vc, low, c0);
      c1 = multiplyAdd(vc, high, c1);
      const vd = v128.load32_splat(d + at);
      d0 = multiplyAdd(vd, low, d0);
      d1 = multiplyAdd(vd, high, d1);
      panels += 32;
    }
    const into = column + apart;
    v128.store(a + into, a0);
    v128.store(a + into, a1, 16);
    v128.store(b + into, b0);
    v128.store(b + into, b1, 16);
    v128.store(c + into, c0);
    v128.store(c + into, c1, 16);
    v128.store(d + into, d0);
    v128.store(d + into, d1, 16);
  }
  if (column < end) {
    let a0 = f32x4.mul(la, v128.load(a + column));
    let b0 = f32x4.mul(lb, v128.load(b + column));
    let c0 = f32x4.mul(lc, v128.load(c + column));
    let d0 = f32x4.mul(ld, v128.load(d + column));
    for (let at: usize = 0; at < depthBytes; at += 4) {
      const lanes = v128.load(panels);
      a0 = multiplyAdd(v128.load32_splat(a + at), lanes, a0);
      b0 = multiplyAdd(v128.load32_splat(b + at), lanes, b0);
      c0 = multiplyAdd(v128.load32_splat(c + at), lanes, c0);
      d0 = multiplyAdd(v128.load32_splat(d + at), lanes, d0);
      panels += 16;
    }
    const into = column + apart;
    v128.store(a + into, a0);
    v128.store(b + into, b0);
    v128.store(c + into, c0);
    v128.store(d + into, d0);
  }
}
