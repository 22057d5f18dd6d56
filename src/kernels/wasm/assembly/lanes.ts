/** left·right + sum in four lanes: fused where the build has relaxed SIMD, else rounded twice. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(left: v128, right: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(left, right, sum);
  return f32x4.add(sum, f32x4.mul(left, right));
}

/** sum − left·right in four lanes. */
// @ts-ignore: decorator
@inline
export function multiplySubtract(left: v128, right: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(left, right, sum);
  return f32x4.sub(sum, f32x4.mul(left, right));
}

/** The sums of the lanes of a, b, c and d, in lanes 0 to 3: each (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function sumsOfLanes(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(
    v128.shuffle<f32>(a, b, 0, 1, 4, 5),
    v128.shuffle<f32>(a, b, 2, 3, 6, 7),
  );
  const cd = f32x4.add(
    v128.shuffle<f32>(c, d, 0, 1, 4, 5),
    v128.shuffle<f32>(c, d, 2, 3, 6, 7),
  );
  return f32x4.add(
    v128.shuffle<f32>(ab, cd, 0, 2, 4, 6),
    v128.shuffle<f32>(ab, cd, 1, 3, 5, 7),
  );
}

/** The sum of the lanes of a: (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function sumOfLanes(a: v128): f32 {
  const pairs = f32x4.add(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** Adds the lanes of a to those of the two f64x2 at `into`: lanes 0 and 1, then 2 and 3. */
// @ts-ignore: decorator
@inline
export function addWidened(into: usize, a: v128): void {
  const high = v128.shuffle<f32>(a, a, 2, 3, 2, 3);
  v128.store(into, f64x2.add(v128.load(into), f64x2.promote_low_f32x4(a)));
  v128.store(into, f64x2.add(v128.load(into, 16), f64x2.promote_low_f32x4(high)), 16);
}

/** Dot product of two vectors of whole lanes; `bytes` is a multiple of 16. */
export function dot(left: usize, right: usize, bytes: usize): f32 {
  let sum = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    sum = multiplyAdd(v128.load(left + at), v128.load(right + at), sum);
  }
  return sumOfLanes(sum);
}

/** out += scale·vector; `bytes` is a multiple of 16. */
export function addScaled(scale: f32, vector: usize, out: usize, bytes: usize): void {
  const factor = f32x4.splat(scale);
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(out + at, multiplyAdd(factor, v128.load(vector + at), v128.load(out + at)));
  }
}

/** out = scale·vector; `bytes` is a multiple of 16. */
export function setScaled(scale: f32, vector: usize, out: usize, bytes: usize): void {
  const factor = f32x4.splat(scale);
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(out + at, f32x4.mul(factor, v128.load(vector + at)));
  }
}
