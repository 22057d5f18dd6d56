/** Columns that are summed together are four f64x2. */
const tileBytes: usize = 64;

/**
 * C += A·B in float64, two rows by eight columns at a time. Every element of C adds its products in the
 * order of k, each of them rounded: the same bits in every build.
 *
 * @param a its element (i, k) is at `a + i·aRow + k·aStep`
 * @param b row-major, `bRow` bytes a row
 * @param c row-major, `cRow` bytes a row
 * @param rows of A and C; even
 * @param depth columns of A, rows of B
 * @param columns of B and C; a multiple of 8
 */
export function addProduct(
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bRow: usize,
  c: usize,
  cRow: usize,
  rows: usize,
  depth: usize,
  columns: usize,
): void {
  // Eight columns of B stay in the cache for all rows of A.
  for (let column: usize = 0; column < columns * 8; column += tileBytes) {
    for (let row: usize = 0; row < rows; row += 2) {
      const upper = c + row * cRow + column;
      addTile(a + row * aRow, aRow, aStep, b + column, bRow, upper, upper + cRow, depth);
    }
  }
}

// @ts-ignore: decorator
@inline
function addTile(
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bRow: usize,
  upper: usize,
  lower: usize,
  depth: usize,
): void {
  let upper0 = v128.load(upper);
  let upper1 = v128.load(upper, 16);
  let upper2 = v128.load(upper, 32);
  let upper3 = v128.load(upper, 48);
  let lower0 = v128.load(lower);
  let lower1 = v128.load(lower, 16);
  let lower2 = v128.load(lower, 32);
  let lower3 = v128.load(lower, 48);
  for (let k: usize = 0; k < depth; k++) {
    const x = v128.load_splat<f64>(a);
    const y = v128.load_splat<f64>(a + aRow);
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    upper0 = f64x2.add(upper0, f64x2.mul(x, b0));
    lower0 = f64x2.add(lower0, f64x2.mul(y, b0));
    upper1 = f64x2.add(upper1, f64x2.mul(x, b1));
    lower1 = f64x2.add(lower1, f64x2.mul(y, b1));
    upper2 = f64x2.add(upper2, f64x2.mul(x, b2));
    lower2 = f64x2.add(lower2, f64x2.mul(y, b2));
    upper3 = f64x2.add(upper3, f64x2.mul(x, b3));
    lower3 = f64x2.add(lower3, f64x2.mul(y, b3));
    a += aStep;
    b += bRow;
  }
  v128.store(upper, upper0);
  v128.store(upper, upper1, 16);
  v128.store(upper, upper2, 32);
  v128.store(upper, upper3, 48);
  v128.store(lower, lower0);
  v128.store(lower, lower1, 16);
  v128.store(lower, lower2, 32);
  v128.store(lower, lower3, 48);
}
