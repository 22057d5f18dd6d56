import { multiplyAdd } from './lanes';

/*
 * Sums of outer products, register-blocked: four rows and eight columns of the result stay in
 * eight registers while `count` pairs of vectors pass by. Gram matrices, normal equations and the
 * Cholesky factorisation are all this one product.
 */

/**
 * Bytes from one of many vectors to the next: of an odd number of cache lines if vectors are long, so
 * that the same columns of all of them do not meet in a few sets of the cache.
 */
export function spreadStep(vectorBytes: usize): usize {
  return vectorBytes >= 256 && (vectorBytes & 127) == 0 ? vectorBytes + 64 : vectorBytes;
}

/**
 * The upper triangle of out += scale·Σ left[n]ᵀ·right[n] in squares of four: rows `first` to `end`
 * (exclusive, both multiples of four), columns from the row's own square to `stride`.
 *
 *     left, right   count rows, `step` bytes apart, stride f32 each
 *     out           stride × stride f32; the lower triangle is touched inside diagonal squares only
 */
export function addOuterUpper(
  scale: f32,
  left: usize,
  right: usize,
  count: usize,
  step: usize,
  out: usize,
  stride: usize,
  first: usize,
  end: usize,
): void {
  const outStep = stride << 2;
  assert(((first | end | stride) & 3) == 0 && end <= stride, 'squares that are not whole');
  for (let i = first; i < end; i += 4) {
    const into = out + i * outStep;
    const rows = left + (i << 2);
    let j = i;
    for (; j + 8 <= stride; j += 8) {
      addOuterEight(scale, rows, right + (j << 2), count, step, into + (j << 2), outStep);
    }
    if (j < stride) {
      addOuterFour(scale, rows, right + (j << 2), count, step, into + (j << 2), outStep);
    }
  }
}

/** out += scale·Σ left[n][0 … 3]ᵀ·right[n][0 … 7], a 4 × 8 tile. */
function addOuterEight(
  scale: f32,
  left: usize,
  right: usize,
  count: usize,
  step: usize,
  out: usize,
  outStep: usize,
): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  for (; count > 0; count--) {
    const low = v128.load(right);
    const high = v128.load(right, 16);
    const a = v128.load32_splat(left);
    a0 = multiplyAdd(a, low, a0);
    a1 = multiplyAdd(a, high, a1);
    const b = v128.load32_splat(left, 4);
    b0 = multiplyAdd(b, low, b0);
    b1 = multiplyAdd(b, high, b1);
    const c = v128.load32_splat(left, 8);
    c0 = multiplyAdd(c, low, c0);
    c1 = multiplyAdd(c, high, c1);
    const d = v128.load32_splat(left, 12);
    d0 = multiplyAdd(d, low, d0);
    d1 = multiplyAdd(d, high, d1);
    left += step;
    right += step;
  }
  const factor = f32x4.splat(scale);
  addLanes(factor, a0, out);
  addLanes(factor, a1, out + 16);
  out += outStep;
  addLanes(factor, b0, out);
  addLanes(factor, b1, out + 16);
  out += outStep;
  addLanes(factor, c0, out);
  addLanes(factor, c1, out + 16);
  out += outStep;
  addLanes(factor, d0, out);
  addLanes(factor, d1, out + 16);
}

/** As `addOuterEight`, a 4 × 4 tile. */
function addOuterFour(
  scale: f32,
  left: usize,
  right: usize,
  count: usize,
  step: usize,
  out: usize,
  outStep: usize,
): void {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (; count > 0; count--) {
    const lanes = v128.load(right);
    a = multiplyAdd(v128.load32_splat(left), lanes, a);
    b = multiplyAdd(v128.load32_splat(left, 4), lanes, b);
    c = multiplyAdd(v128.load32_splat(left, 8), lanes, c);
    d = multiplyAdd(v128.load32_splat(left, 12), lanes, d);
    left += step;
    right += step;
  }
  const factor = f32x4.splat(scale);
  addLanes(factor, a, out);
  addLanes(factor, b, out + outStep);
  addLanes(factor, c, out + 2 * outStep);
  addLanes(factor, d, out + 3 * outStep);
}

// @ts-ignore: decorator
@inline
function addLanes(factor: v128, lanes: v128, out: usize): void {
  v128.store(out, multiplyAdd(factor, lanes, v128.load(out)));
}
