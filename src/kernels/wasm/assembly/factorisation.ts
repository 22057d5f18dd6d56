import { addScaled, dot, setScaled } from './lanes';
import { addOuterUpper } from './outer';
import { elementAt } from './task';

/*
 * Cholesky factorisation of a small symmetric system, A = UᵀU with U upper triangular, and the
 * solution with it. Systems are row-major, stride × stride; the diagonal of U holds reciprocals.
 */

/**
 * Of its own element of A a pivot keeps this share at least where f32 tells the solution: what it
 * loses are digits. Losses of rows stay within 1e-6 of the least then; see row-gaps.test.ts.
 */
const minShare: f32 = 1e-3;

/** Elements of A and b in between neither overflow nor come from products that vanished. */
const minElement: f32 = 1e-30;
const maxElement: f32 = 1e36;

/**
 * A = UᵀU in place, four rows at a time: what the rows above take away is one register-blocked
 * product, the rest stays within the four rows.
 *
 * @returns false if f32 cannot tell the solution: A is near to singular, or out of range. What is left
 * in `system` is of no use then; `solveWide` solves such rows.
 */
export function factorise(system: usize, rank: usize, stride: usize): bool {
  const rowBytes = stride << 2;
  for (let first: usize = 0; first < stride; first += 4) {
    const square = system + first * rowBytes + (first << 2);
    const own0 = load<f32>(square);
    const own1 = load<f32>(square + rowBytes + 4);
    const own2 = load<f32>(square + 2 * rowBytes + 8);
    const own3 = load<f32>(square + 3 * rowBytes + 12);
    addOuterUpper(-1, system, system, first, rowBytes, system, stride, first, first + 4);
    const bytes = (stride - first) << 2;
    for (let i = first; i < first + 4; i++) {
      const u = system + i * rowBytes + (first << 2);
      const diagonal = elementAt(u, i - first);
      const pivot = load<f32>(diagonal);
      const own = i == first ? own0 : i == first + 1 ? own1 : i == first + 2 ? own2 : own3;
      if (i < rank) {
        if (!(pivot >= minShare * own && own >= minElement && own <= maxElement)) return false;
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

/** Whether b is within what f32 holds to its last bit. */
export function isHeld(b: usize, bytes: usize): bool {
  let lanes = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    lanes = f32x4.max(lanes, f32x4.abs(v128.load(b + at)));
  }
  lanes = f32x4.max(lanes, v128.shuffle<f32>(lanes, lanes, 2, 3, 0, 1));
  const largest = max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1));
  return largest >= minElement && largest <= maxElement;
}

/**
 * Takes coordinate `at` out of a system: zeroes its row and column in the upper triangle. The largest
 * diagonal element becomes its own, which is within the range of the others.
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
