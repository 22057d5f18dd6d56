/*
 * Scores of all items for four users at a time, as the definition has them: products and sums in
 * float64, in the order of the dimensions, rounded to float32.
 *
 *     panels   items four by four: dimension 0 of items 0 … 3, dimension 1 of items 0 … 3, …, f32
 *     users    dimension 0 of the four users, dimension 1 of the four users, …, f64
 *     out      a row of f32 a user, four for each panel, `outBytes` from row to row
 */

/** Users that are scored together. */
const users: usize = 4;

/** Scores every panel for the four users. */
export function scorePanels(
  panels: usize,
  panelCount: usize,
  rank: usize,
  userRows: usize,
  out: usize,
  outBytes: usize,
): void {
  const panelBytes = rank << 4;
  for (let panel: usize = 0; panel < panelCount; panel++) {
    let a = f64x2.splat(0);
    let b = f64x2.splat(0);
    let c = f64x2.splat(0);
    let d = f64x2.splat(0);
    let e = f64x2.splat(0);
    let f = f64x2.splat(0);
    let g = f64x2.splat(0);
    let h = f64x2.splat(0);
    let user = userRows;
    const start = panels + panel * panelBytes;
    for (let at = start; at < start + panelBytes; at += 16) {
      const items = v128.load(at);
      const left = f64x2.promote_low_f32x4(items);
      const right = f64x2.promote_low_f32x4(v128.shuffle<i32>(items, items, 2, 3, 2, 3));
      let x = v128.load_splat<f64>(user);
      a = f64x2.add(a, f64x2.mul(x, left));
      b = f64x2.add(b, f64x2.mul(x, right));
      x = v128.load_splat<f64>(user, 8);
      c = f64x2.add(c, f64x2.mul(x, left));
      d = f64x2.add(d, f64x2.mul(x, right));
      x = v128.load_splat<f64>(user, 16);
      e = f64x2.add(e, f64x2.mul(x, left));
      f = f64x2.add(f, f64x2.mul(x, right));
      x = v128.load_splat<f64>(user, 24);
      g = f64x2.add(g, f64x2.mul(x, left));
      h = f64x2.add(h, f64x2.mul(x, right));
      user += users << 3;
    }
    const to = out + (panel << 4);
    v128.store(to, rounded(a, b));
    v128.store(to + outBytes, rounded(c, d));
    v128.store(to + 2 * outBytes, rounded(e, f));
    v128.store(to + 3 * outBytes, rounded(g, h));
  }
}

// @ts-ignore: decorator
@inline
function rounded(left: v128, right: v128): v128 {
  return v128.shuffle<i32>(
    f32x4.demote_f64x2_zero(left),
    f32x4.demote_f64x2_zero(right),
    0,
    1,
    4,
    5,
  );
}
