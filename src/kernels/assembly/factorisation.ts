import { addScaled, dot, setScaled } from './lanes';
import { addOuterUpper } from './outer';
import { elementAt } from './task';

/*
 * Cholesky factorisation of a small symmetric system, A = UᵀU with U upper triangular, and the
 * solution with it. Systems are row-major, stride × stride; the diagonal of U holds reciprocals.
 */

/**
 * A pivot at or below this share of rank times the largest diagonal element is rounding error, and
 * what it would divide is too.
 */
const roundingShare: f32 = 4e-8;

/**
 * A = UᵀU in place, four rows at a time: what the rows above take away is one register-blocked
 * product, the rest stays within the four rows.
 *
 * With λ > 0 every true pivot is at least λ. One that drowns in rounding error belongs to a direction
 * that float32 cannot tell from the others; its coordinate of the solution is set to 0.
 *
 * @returns false if a pivot is rounding error and λ is 0, or if it is not a number
 */
export function factorise(system: usize, rank: usize, stride: usize, lambda: f32): bool {
  const rowBytes = stride << 2;
  let largest: f32 = 0;
  for (let i: usize = 0; i < rank; i++) {
    largest = max(largest, load<f32>(system + i * rowBytes + (i << 2)));
  }
  const rounding = largest * roundingShare * <f32>max<usize>(rank, 25);

  for (let first: usize = 0; first < stride; first += 4) {
    addOuterUpper(-1, system, system, first, rowBytes, system, stride, first, first + 4);
    const bytes = (stride - first) << 2;
    for (let i = first; i < first + 4; i++) {
      const u = system + i * rowBytes + (first << 2);
      const diagonal = elementAt(u, i - first);
      const pivot = load<f32>(diagonal);
      if (i < rank && !(pivot > rounding)) {
        if (!(lambda > 0) || isNaN(pivot)) return false;
        memory.fill(u, 0, bytes);
        continue;
      }
      const reciprocal = <f32>1 / sqrt(pivot);
      setScaled(reciprocal, u, u, bytes);
      for (let j = i + 1; j < first + 4; j++) {
        const below = system + j * rowBytes + (first << 2);
        addScaled(-load<f32>(elementAt(u, j - first)), u, below, bytes);
      }
      store<f32>(diagonal, reciprocal);
    }
  }
  return true;
}

/**
 * Takes coordinate `at` out of a system: zeroes its row and column in the upper triangle. The largest
 * diagonal element becomes its own, so that its pivot is never taken for rounding error.
 */
export function clearCoordinate(system: usize, stride: usize, at: usize): void {
  const rowBytes = stride << 2;
  let largest: f32 = 0;
  for (let i: usize = 0; i < stride; i++) {
    largest = max(largest, load<f32>(system + i * rowBytes + (i << 2)));
    store<f32>(system + min(i, at) * rowBytes + (max(i, at) << 2), 0);
  }
  store<f32>(system + at * rowBytes + (at << 2), largest);
}

/** x = U⁻¹·U⁻ᵀ·x. */
export function substitute(system: usize, stride: usize, x: usize): void {
  const rowBytes = stride << 2;
  for (let i: usize = 0; i < stride; i++) {
    const u = system + i * rowBytes;
    const z = load<f32>(elementAt(x, i)) * load<f32>(elementAt(u, i));
    store<f32>(elementAt(x, i), z);
    const square = (i | 3) + 1;
    for (let j = i + 1; j < square; j++) {
      const at = elementAt(x, j);
      store<f32>(at, load<f32>(at) - z * load<f32>(elementAt(u, j)));
    }
    addScaled(-z, elementAt(u, square), elementAt(x, square), (stride - square) << 2);
  }
  for (let i = stride; i-- > 0; ) {
    const u = system + i * rowBytes;
    const square = (i | 3) + 1;
    const bytes = (stride - square) << 2;
    let sum = load<f32>(elementAt(x, i)) - dot(elementAt(u, square), elementAt(x, square), bytes);
    for (let j = i + 1; j < square; j++) {
      sum -= load<f32>(elementAt(u, j)) * load<f32>(elementAt(x, j));
    }
    store<f32>(elementAt(x, i), sum * load<f32>(elementAt(u, i)));
  }
}
