import { MatrixProducts } from '../kernels/wasm/matrix-product.js';
import type { Side } from '../ratings/ratings.js';
import type { Job } from './job.js';
import { multiplyRows, type Rows, rowsOfSide, weightedGram } from './job-rows.js';
import type { Steps } from './steps.js';
import { symmetricEigen } from './symmetric-eigen.js';
import { type Triangular, triangularFactor } from './triangular.js';

/**
 * Shares of a Gram matrix's largest element, of which the first that suffices is added to its diagonal:
 * directions in which it has less are not stretched. Rounding to float32 leaves some of them negative.
 */
const addedShares = [1e-10, 1e-8, 1e-6, 1e-4];
/** Roots of eigenvalues below this share of the largest one count as that. */
const smallestRootShare = 1e-7;
/** Factors of this size are rounding errors of 0, as where the mean explains all ratings; their squares are inexact. */
const smallestLength = 1e-30;

/**
 * Rewrites a model in the basis in which it costs least: X ← X·T and Y ← Y·T⁻ᵀ leave all predictions
 * x·y as they are, and with T as in `balancingBasis` no other model with these predictions has a smaller
 * Σ λ·|row|². Alternating least squares gets there too, but takes long to shift weight from one side to
 * the other. Gram matrices are diagonal in this basis, or nearly so if rows differ in λ, which conjugate
 * gradient is glad of.
 *
 * Writes generation `iteration` of both sides in place; biases stay.
 *
 * @param grams XᵀX and YᵀY, row-major stride × stride
 * @returns Σ λ·|row|² of each side, without pinned coordinates
 */
export function* balance(
  job: Job,
  iteration: number,
  grams: Readonly<Record<Side, Float64Array>>,
): Steps<Readonly<Record<Side, number>>> {
  const n = job.settings.row.rank;
  const [first, second] = job.layout.phaseOrder;
  const x = rowsOfSide(job, first, iteration);
  const y = rowsOfSide(job, second, iteration);
  // With λ = 0 rows count alike, and with one λ for all that is the same basis.
  const { regularization, regularizationExponent } = job.settings.loss;
  const isAlike = regularization === 0 || regularizationExponent === 0;
  const { stride } = job.layout;
  const products = new MatrixProducts(job.layout.kernel);
  const a = isAlike ? leading(grams[first], stride, n) : yield* weightedGram(products, x, n);
  const b = isAlike ? leading(grams[second], stride, n) : yield* weightedGram(products, y, n);
  const { left, right } = balancingBasis(products, a, b, n);
  yield* multiplyRows(products, x, left, n);
  yield* multiplyRows(products, y, right, n);
  const cost = { [first]: regularizationOf(x), [second]: regularizationOf(y) };
  // The two sides of an order are the two there are.
  return cost as Record<Side, number>;
}

/**
 * T (`left`) and T⁻ᵀ (`right`) of two Gram matrices A of X and B of Y, row-major n × n: TᵀAT and
 * T⁻¹BT⁻ᵀ are the same diagonal matrix, the largest element first, with the square roots of the
 * eigenvalues of A·B.
 *
 *     A = LLᵀ   LᵀBL = VS²Vᵀ   T = L⁻ᵀVS^½   T⁻ᵀ = LVS^-½
 *
 * T·(T⁻ᵀ)ᵀ is I whatever L and S are, so small elements are replaced by larger ones: directions in which
 * a side has next to nothing are not stretched.
 */
export function balancingBasis(
  products: MatrixProducts,
  a: Float64Array,
  b: Float64Array,
  n: number,
): { readonly left: Float64Array; readonly right: Float64Array } {
  const multiply = (left: Float64Array, right: Float64Array) => {
    const product = products.matrix(n, n);
    products.add(product, products.square(left, n), products.square(right, n), n);
    return leading(product.elements, product.width, n);
  };
  const triangular = factorOf(a, n);
  // A side of zeros has no basis that is better than another.
  if (triangular === undefined) return { left: identity(n), right: identity(n) };

  const { factor, inverse } = triangular;
  const { values, vectors } = symmetricEigen(
    multiply(multiply(transpose(factor, n), b), factor),
    n,
  );
  const roots = values.map((value) => Math.sqrt(Math.max(value, 0)));
  const stretch = roots.map((root) => Math.sqrt(Math.max(root, smallestRootShare * roots[0]!)));
  if (stretch[0]! <= smallestLength) return { left: identity(n), right: identity(n) };

  const v = transpose(vectors, n);
  const scaled = (by: (column: number) => number) => v.map((element, at) => element * by(at % n));
  return {
    left: multiply(
      transpose(inverse, n),
      scaled((j) => stretch[j]!),
    ),
    right: multiply(
      factor,
      scaled((j) => 1 / stretch[j]!),
    ),
  };
}

/** L of a Gram matrix A = LLᵀ, and L⁻¹; undefined if it has next to nothing. */
function factorOf(a: Float64Array, n: number): Triangular | undefined {
  const isOnDiagonal = (at: number) => at % (n + 1) === 0;
  const largest = a.reduce((most, element, at) => {
    return isOnDiagonal(at) ? Math.max(most, element) : most;
  }, 0);
  if (Math.sqrt(largest) <= smallestLength) return undefined;
  for (const share of addedShares) {
    const added = share * largest;
    const definite = a.map((element, at) => (isOnDiagonal(at) ? element + added : element));
    const triangular = triangularFactor(definite, n, added / 2);
    if (triangular !== undefined) return triangular;
  }
  return undefined;
}

/** The first n rows and columns of a matrix. */
function leading(matrix: Float64Array, stride: number, n: number): Float64Array {
  const part = new Float64Array(n * n);
  for (let i = 0; i < n; i++) part.set(matrix.subarray(i * stride, i * stride + n), i * n);
  return part;
}

function regularizationOf({ spans, stride, width, pinned }: Rows): number {
  let sum = 0;
  for (const { elements, regularizers, rowCount } of spans) {
    for (let row = 0; row < rowCount; row++) {
      let square = 0;
      for (let i = 0; i < width; i++) if (i !== pinned) square += elements[row * stride + i]! ** 2;
      sum += regularizers[row]! * square;
    }
  }
  return sum;
}

function transpose(matrix: Float64Array, n: number): Float64Array {
  return matrix.map((_, at) => matrix[(at % n) * n + Math.floor(at / n)]!);
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
}
