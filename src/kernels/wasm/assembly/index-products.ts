/**
 * Multiplies a row with a panel of 32 items, 8 bits each, and compares the products with a bar. All of
 * them stay in registers; they are written to `out` if one is above.
 *
 * @param lead the panel: `pairs` × 32 pairs of i8
 * @param row `pairs` pairs of i16
 * @returns a bit an item: 1 if its product is above the bar
 */
// @ts-ignore: decorator
@inline
export function hitsOf(lead: usize, row: usize, pairs: usize, bar: i32, out: usize): u32 {
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  for (const end = row + (pairs << 2); row < end; row += 4) {
    const x = v128.load32_splat(row);
    let items = v128.load(lead);
    a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(items), x));
    b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(items), x));
    items = v128.load(lead, 16);
    c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(items), x));
    d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(items), x));
    items = v128.load(lead, 32);
    e = i32x4.add(e, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(items), x));
    f = i32x4.add(f, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(items), x));
    items = v128.load(lead, 48);
    g = i32x4.add(g, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(items), x));
    h = i32x4.add(h, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(items), x));
    lead += 64;
  }
  const least = i32x4.splat(bar);
  const low = above(a, b, c, d, least);
  const high = above(e, f, g, h, least);
  if (!v128.any_true(v128.or(low, high))) return 0;
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
  v128.store(out, e, 64);
  v128.store(out, f, 80);
  v128.store(out, g, 96);
  v128.store(out, h, 112);
  return i8x16.bitmask(low) | (i8x16.bitmask(high) << 16);
}

/** Sixteen products as bytes: −1 if above the bar, else 0. */
// @ts-ignore: decorator
@inline
function above(a: v128, b: v128, c: v128, d: v128, bar: v128): v128 {
  return i8x16.narrow_i16x8_s(
    i16x8.narrow_i32x4_s(i32x4.gt_s(a, bar), i32x4.gt_s(b, bar)),
    i16x8.narrow_i32x4_s(i32x4.gt_s(c, bar), i32x4.gt_s(d, bar)),
  );
}

/** Product of `bytes` whole numbers of 8 bits with as many of 16; a multiple of 16. */
export function tailProduct(tail: usize, row: usize, bytes: usize): i32 {
  let sum = i32x4.splat(0);
  for (const end = tail + bytes; tail < end; tail += 16) {
    const items = v128.load(tail);
    const low = i16x8.extend_low_i8x16_s(items);
    const high = i16x8.extend_high_i8x16_s(items);
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(low, v128.load(row)));
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(high, v128.load(row, 16)));
    row += 32;
  }
  sum = i32x4.add(sum, v128.shuffle<i32>(sum, sum, 2, 3, 0, 1));
  return i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1);
}
