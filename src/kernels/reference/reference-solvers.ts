/**
 * Solves a·x = b by Cholesky factorisation a = L·Lᵀ, L lower triangular.
 *
 * @param a row-major n × n, symmetric; its lower triangle is overwritten by L
 * A pivot that is not above n·2⁻⁵²·(largest diagonal element) is rounding error. Where `a` has λ > 0 on
 * its diagonal every true pivot is at least λ, so the coordinate is one that float64 cannot tell from
 * the others: it becomes 0.
 *
 * @param out receives x
 * @param lambda what was added to the diagonal
 * @returns false if a pivot is rounding error and λ is 0, or if one is not a number: `a` is singular or
 * not positive definite, and `out` is unchanged
 */
export function solveCholesky(
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  lambda = 0,
): boolean {
  const n = b.length;
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, a[i * n + i]!);
  const smallestPivot = n * Number.EPSILON * largest;

  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      if (i === j) {
        const isRounding = !(sum > smallestPivot);
        if (isRounding && (!(lambda > 0) || Number.isNaN(sum))) return false;
        // What is divided by infinity is 0.
        a[j * n + j] = isRounding ? Number.POSITIVE_INFINITY : Math.sqrt(sum);
      } else {
        a[i * n + j] = sum / a[j * n + j]!;
      }
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= a[i * n + k]! * out[k]!;
    out[i] = sum / a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = out[i]!;
    for (let k = i + 1; k < n; k++) sum -= a[k * n + i]! * out[k]!;
    out[i] = sum / a[i * n + i]!;
  }
  return true;
}

/**
 * Moves x towards the solution of a·x = b by `steps` steps of conjugate gradient (Hestenes and Stiefel
 * 1952) with a diagonal preconditioner, fewer if the residual vanishes, or if the curvature pᵀ·a·p is
 * rounding error: not above n·2⁻⁵²·|p|²·(the largest curvature so far, of a direction of length 1),
 * lengths in the norm of the preconditioner. Where `a` is singular the residual comes to directions
 * without curvature, and a step along them would have any length.
 *
 * @param a row-major n × n, symmetric positive semidefinite
 * @param x start, overwritten by the result
 * @param length x goes so many times the way to where the steps lead
 * @param diagonal of the preconditioner, of positive numbers
 */
export function solveConjugateGradient(
  a: Float64Array,
  b: Float64Array,
  x: Float64Array,
  {
    steps,
    length = 1,
    diagonal,
  }: { readonly steps: number; readonly length?: number; readonly diagonal: Float64Array },
): void {
  const residual = multiply(a, x).map((ax, i) => b[i]! - ax);
  const direction = residual.map((r, i) => r / diagonal[i]!);
  let rsold = dot(residual, direction);
  let extent = rsold;
  let steepest = 0;
  for (let step = 0; step < steps; step++) {
    const Ap = multiply(a, direction);
    const curvature = dot(direction, Ap);
    const flat = x.length * Number.EPSILON * steepest * extent;
    if (rsold === 0 || curvature <= flat) return;
    steepest = Math.max(steepest, curvature / extent);
    const alpha = rsold / curvature;
    for (let i = 0; i < x.length; i++) {
      x[i]! += length * alpha * direction[i]!;
      residual[i]! -= alpha * Ap[i]!;
    }
    const rsnew = residual.reduce((sum, r, i) => sum + (r * r) / diagonal[i]!, 0);
    const beta = rsnew / rsold;
    for (let i = 0; i < x.length; i++) {
      direction[i] = residual[i]! / diagonal[i]! + beta * direction[i]!;
    }
    // A residual is at right angles to the direction before.
    extent = rsnew + beta * beta * extent;
    rsold = rsnew;
  }
}

/** Elements of a preconditioner below this share of the largest one are raised to it. */
const smallestShare = 2 ** -20;

/**
 * About the diagonal of a row's system, from what all rows share: with s = Σ e over the row's entries
 * and N rows on the fixed side, w = u + s/N, it is w·diag(gram) + λ. Where the Gram matrix is diagonal,
 * as in a balanced model, that is about the system itself. Divided by the largest element, which
 * changes nothing: conjugate gradient does the same with any multiple.
 *
 * @param gram row-major n × n
 * @param weight w, > 0; may be infinite
 */
export function preconditioner(
  gram: Float64Array,
  n: number,
  weight: number,
  lambda: number,
): Float64Array {
  const diagonal = Float64Array.from({ length: n }, (_, i) => gram[i * (n + 1)]!);
  const largest = diagonal.reduce((most, element) => Math.max(most, element), 0);
  // The fixed side has nothing, so there is no residual.
  if (!(largest > 0)) return diagonal.fill(1);
  const share = 1 / (1 + lambda / (weight * largest));
  return diagonal.map((g) => Math.max(share * (g / largest) + (1 - share), smallestShare));
}

/**
 * Moves x towards the solution of a·x = b by one sweep over subspaces of `size` dimensions: each is
 * solved exactly with the others fixed (block Gauss-Seidel; iALS++).
 *
 * @param a row-major n × n, symmetric
 * @param x start, overwritten by the result
 * @param lambda what was added to the diagonal
 * @returns false if the system of a subspace is refused by `solveCholesky`; x is half-way then
 */
export function solveSubspaces(
  a: Float64Array,
  b: Float64Array,
  x: Float64Array,
  size: number,
  lambda = 0,
): boolean {
  const n = x.length;
  for (let first = 0; first < n; first += size) {
    const width = Math.min(size, n - first);
    const system = new Float64Array(width * width);
    const gradient = new Float64Array(width);
    for (let i = 0; i < width; i++) {
      const row = a.subarray((first + i) * n, (first + i + 1) * n);
      system.set(row.subarray(first, first + width), i * width);
      gradient[i] = -b[first + i]!;
      for (let j = 0; j < n; j++) gradient[i]! += row[j]! * x[j]!;
    }
    const step = new Float64Array(width);
    if (!solveCholesky(system, gradient, step, lambda)) return false;
    for (let i = 0; i < width; i++) x[first + i]! -= step[i]!;
  }
  return true;
}

/**
 * Makes x_p = 1 an equation of its own: moves column p of a·x = b to the right-hand side. What is
 * left of row and column p is a number on the diagonal, the largest there, so that no solver takes it
 * for rounding error. Solvers that start from x_p = 1 leave it 1, exact ones up to rounding.
 *
 * @param a row-major n × n, symmetric; overwritten
 * @param b overwritten
 */
export function pinCoordinate(a: Float64Array, b: Float64Array, p: number): void {
  const n = b.length;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    largest = Math.max(largest, a[i * n + i]!);
    b[i]! -= a[i * n + p]!;
    a[i * n + p] = 0;
    a[p * n + i] = 0;
  }
  a[p * n + p] = largest;
  b[p] = largest;
}

/** Share of the largest element of b that the slope of a solved row may still have. */
const restingSlope = 1e-13;

/** An ill-conditioned system rests here; its row is the best that the sweeps have found. */
const maxSweeps = 100_000;

/**
 * Moves x, from which no sweep leads uphill, to the minimum of xᵀ·a·x/2 − bᵀ·x over x ≥ 0: each
 * coordinate in turn to its best value with the others held (Franc, Hlaváč, Navara 2005, "Sequential
 * Coordinate-wise Algorithm for the Non-negative Least Squares Problem"). It rests when the slope
 * a·x − b is 0 where x is above 0, and not negative where x is 0, both up to `restingSlope`: the
 * conditions of Karush, Kuhn and Tucker, which are sufficient here.
 *
 * @param a row-major n × n, symmetric positive semidefinite; may be singular
 * @param x start, without negative elements; overwritten by the result
 */
export function solveNonnegative(a: Float64Array, b: Float64Array, x: Float64Array): void {
  const n = b.length;
  const slope = multiply(a, x).map((ax, i) => ax - b[i]!);
  const rest = restingSlope * b.reduce((most, element) => Math.max(most, Math.abs(element)), 0);
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    const steepest = slope.reduce((most, s, i) => Math.max(most, x[i]! > 0 ? Math.abs(s) : -s), 0);
    if (steepest <= rest) return;
    for (let i = 0; i < n; i++) {
      const diagonal = a[i * n + i]!;
      if (!(diagonal > 0)) continue;
      const next = Math.max(0, x[i]! - slope[i]! / diagonal);
      const step = next - x[i]!;
      if (step === 0) continue;
      x[i] = next;
      for (let j = 0; j < n; j++) slope[j]! += step * a[i * n + j]!;
    }
  }
}

function multiply(a: Float64Array, x: Float64Array): Float64Array {
  const n = x.length;
  const product = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) product[i]! += a[i * n + j]! * x[j]!;
  }
  return product;
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, element, i) => sum + element * right[i]!, 0);
}
