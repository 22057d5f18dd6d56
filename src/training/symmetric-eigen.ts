/** A symmetric matrix as its eigenvalues and eigenvectors. */
export interface SymmetricEigen {
  /** The largest first. */
  readonly values: Float64Array;
  /**
   * Row-major n × n; row i is the vector of length 1 that belongs to value i. Its component of the
   * largest magnitude, the first of equal ones, is positive.
   */
  readonly vectors: Float64Array;
}

/** QL takes two or three steps a value; a matrix that needs so many is no matrix of numbers. */
const maxSteps = 60;

/** Squares below it have lost digits; beside a largest element near 1 their roots count as 0. */
const smallestSquare = 1e-290;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, by Householder's reduction to a tridiagonal one
 * and implicit QL (Bowdler, Martin, Reinsch, Wilkinson 1968; `tred2` and `tql2` of EISPACK).
 *
 * It adds, subtracts, multiplies, divides and takes square roots, in a fixed order, which IEEE 754
 * rounds alike everywhere: the bits are the same on every machine. Costs about 6·n³ multiplications:
 * 2 ms at 64, 10 ms at 128, 0.8 s at 512.
 *
 * @param matrix row-major n × n, symmetric, of finite numbers; not changed
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const scale = powerOfTwoNear(matrix);
  const vectors = matrix.map((element) => element / scale);
  const values = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  tridiagonalize(vectors, values, offDiagonal, n);
  diagonalize(vectors, values, offDiagonal, n);
  const eigen = inOrder(vectors, values, n);
  return { ...eigen, values: eigen.values.map((value) => value * scale) };
}

/**
 * Squares of elements near 1e-160 or 1e160 are 0 or infinite, so the largest is brought near 1. Dividing
 * by a power of two changes no bit of a fraction.
 */
function powerOfTwoNear(matrix: Float64Array): number {
  const largest = matrix.reduce((most, element) => Math.max(most, Math.abs(element)), 0);
  return largest > 0 ? 2 ** Math.floor(Math.log2(largest)) : 1;
}

/**
 * Reduces the matrix to a tridiagonal one: `d` receives its diagonal, `e` from 1 on the subdiagonal.
 *
 * @param v the matrix; receives the reduction's transposed product of reflections
 */
function tridiagonalize(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) d[j] = v[j * n + n - 1]!;
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    let h = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]!);
    if (scale === 0) {
      e[i] = d[i - 1]!;
      for (let j = 0; j < i; j++) {
        d[j] = v[j * n + i - 1]!;
        v[j * n + i] = 0;
        v[i * n + j] = 0;
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k]! /= scale;
        h += d[k]! * d[k]!;
      }
      const last = d[i - 1]!;
      const root = last > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * root;
      h -= last * root;
      d[i - 1] = last - root;
      reflect(v, d, e, { n, i, h });
    }
    d[i] = h;
  }
  accumulate(v, d, n);
  e[0] = 0;
}

/** One reflection, along the first `i` elements of `d`, from both sides of the leading i × i. */
function reflect(
  v: Float64Array,
  d: Float64Array,
  e: Float64Array,
  { n, i, h }: { readonly n: number; readonly i: number; readonly h: number },
): void {
  for (let j = 0; j < i; j++) e[j] = 0;
  for (let j = 0; j < i; j++) {
    const f = d[j]!;
    const row = j * n;
    v[i * n + j] = f;
    let g = e[j]! + v[row + j]! * f;
    for (let k = j + 1; k < i; k++) {
      g += v[row + k]! * d[k]!;
      e[k]! += v[row + k]! * f;
    }
    e[j] = g;
  }
  let product = 0;
  for (let j = 0; j < i; j++) {
    e[j]! /= h;
    product += e[j]! * d[j]!;
  }
  const half = product / (h + h);
  for (let j = 0; j < i; j++) e[j]! -= half * d[j]!;
  for (let j = 0; j < i; j++) {
    const f = d[j]!;
    const g = e[j]!;
    const row = j * n;
    for (let k = j; k < i; k++) v[row + k]! -= f * e[k]! + g * d[k]!;
    d[j] = v[row + i - 1]!;
    v[row + i] = 0;
  }
}

/** Multiplies the reflections, which `tridiagonalize` has left in the rows of `v`. */
function accumulate(v: Float64Array, d: Float64Array, n: number): void {
  for (let i = 0; i < n - 1; i++) {
    v[i * n + n - 1] = v[i * n + i]!;
    v[i * n + i] = 1;
    const h = d[i + 1]!;
    const next = (i + 1) * n;
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[next + k]! / h;
      for (let j = 0; j <= i; j++) {
        const row = j * n;
        let g = 0;
        for (let k = 0; k <= i; k++) g += v[next + k]! * v[row + k]!;
        for (let k = 0; k <= i; k++) v[row + k]! -= g * d[k]!;
      }
    }
    for (let k = 0; k <= i; k++) v[next + k] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[j * n + n - 1]!;
    v[j * n + n - 1] = 0;
  }
  v[n * n - 1] = 1;
}

/** Reduces the subdiagonal to 0 by implicit QL, and turns the rows of `v` along. */
function diagonalize(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  let shift = 0;
  let largest = 0;
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]!) + Math.abs(e[l]!));
    const negligible = Number.EPSILON * largest;
    let m = l;
    while (m < n - 1 && Math.abs(e[m]!) > negligible) m++;
    for (let step = 0; m > l && step < maxSteps; step++) {
      shift += sweep(v, d, e, { n, l, m });
      if (!(Math.abs(e[l]!) > negligible)) break;
    }
    d[l]! += shift;
    e[l] = 0;
  }
}

/** One QL step on the elements l … m; returns by how much it has shifted what follows l. */
function sweep(
  v: Float64Array,
  d: Float64Array,
  e: Float64Array,
  { n, l, m }: { readonly n: number; readonly l: number; readonly m: number },
): number {
  const before = d[l]!;
  const ratio = (d[l + 1]! - before) / (2 * e[l]!);
  const root = ratio < 0 ? -Math.sqrt(ratio * ratio + 1) : Math.sqrt(ratio * ratio + 1);
  d[l] = e[l]! / (ratio + root);
  d[l + 1] = e[l]! * (ratio + root);
  const second = d[l + 1]!;
  const beside = e[l + 1]!;
  const shift = before - d[l]!;
  for (let i = l + 2; i < n; i++) d[i]! -= shift;

  let p = d[m]!;
  let [c, c2, c3] = [1, 1, 1];
  let [s, s2] = [0, 0];
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const g = c * e[i]!;
    const h = c * p;
    const square = p * p + e[i]! * e[i]!;
    const length = square > smallestSquare ? Math.sqrt(square) : 0;
    e[i + 1] = s * length;
    s = length > 0 ? e[i]! / length : 0;
    c = length > 0 ? p / length : 1;
    p = c * d[i]! - s * g;
    d[i + 1] = h + s * (c * g + s * d[i]!);
    turn(v, i * n, n, c, s);
  }
  p = (-s * s2 * c3 * beside * e[l]!) / second;
  e[l] = s * p;
  d[l] = c * p;
  return shift;
}

/** Turns the row at `at` and the next one in their plane. */
function turn(v: Float64Array, at: number, n: number, c: number, s: number): void {
  for (let k = at; k < at + n; k++) {
    const upper = v[k]!;
    const lower = v[k + n]!;
    v[k + n] = s * upper + c * lower;
    v[k] = c * upper - s * lower;
  }
}

function inOrder(rows: Float64Array, found: Float64Array, n: number): SymmetricEigen {
  // Equal values stay in the order in which they were found.
  const order = Array.from(found.keys()).sort((a, b) => found[b]! - found[a]! || a - b);
  const vectors = new Float64Array(n * n);
  for (const [to, from] of order.entries()) {
    const row = rows.subarray(from * n, (from + 1) * n);
    const sign = largestOf(row) < 0 ? -1 : 1;
    for (let k = 0; k < n; k++) vectors[to * n + k] = sign * row[k]!;
  }
  return { values: Float64Array.from(order, (from) => found[from]!), vectors };
}

/** The first of the elements of the largest magnitude. */
function largestOf(row: Float64Array): number {
  return row.reduce((most, element) => (Math.abs(element) > Math.abs(most) ? element : most), 0);
}
