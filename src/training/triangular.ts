/** A lower triangular factor and its inverse, row-major n × n; what is above their diagonals is 0. */
export interface Triangular {
  readonly factor: Float64Array;
  readonly inverse: Float64Array;
}

/**
 * L and L⁻¹ of a positive definite matrix A = L·Lᵀ (Cholesky). Costs n³/3 multiplications, an eighteenth
 * of `symmetricEigen`. It adds, multiplies, divides and takes square roots, in a fixed order, so the bits
 * are the same on every machine.
 *
 * @param matrix row-major n × n; the part above its diagonal is not read
 * @param least squares of L's diagonal must be above it
 * @returns undefined if one is not: the matrix is not positive definite, or hardly
 */
export function triangularFactor(
  matrix: Float64Array,
  n: number,
  least: number,
): Triangular | undefined {
  const factor = new Float64Array(n * n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = factor.subarray(i * n, (i + 1) * n);
    const inverseRow = inverse.subarray(i * n, (i + 1) * n);
    for (let j = 0; j < i; j++) {
      row[j] = (matrix[i * n + j]! - dot(row, factor.subarray(j * n), j)) / factor[j * n + j]!;
    }
    const square = matrix[i * n + i]! - dot(row, row, i);
    if (!(square > least)) return undefined;
    const pivot = Math.sqrt(square);
    row[i] = pivot;
    // Row i of L·L⁻¹ = I.
    for (let k = 0; k < i; k++) {
      const weight = -row[k]! / pivot;
      for (let j = 0; j <= k; j++) inverseRow[j]! += weight * inverse[k * n + j]!;
    }
    inverseRow[i] = 1 / pivot;
  }
  return { factor, inverse };
}

/** Σ a·b over the first n elements. */
function dot(a: Float64Array, b: Float64Array, n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += a[k]! * b[k]!;
  return sum;
}
