import { randomAt } from '../../random.js';
import type { SparseRows } from '../sparse-rows.js';

/** Ratings by user, and the positions of rows on both sides. */
export interface NumberedRows {
  readonly byUser: SparseRows;
  readonly users: { readonly positions: Uint32Array };
  readonly items: { readonly positions: Uint32Array };
}

/**
 * 1 for the entries of `byUser` to withhold: of each user's n ratings `countOf(n)` at random, at
 * most n − 1.
 */
export function markRandom(
  ratings: NumberedRows,
  countOf: (count: number) => number,
  seed: number,
): Uint8Array {
  const { byUser } = ratings;
  const marks = new Uint8Array(byUser.columns.length);
  for (let row = 0; row < byUser.rowCount; row++) {
    const start = byUser.offsets[row]!;
    const count = byUser.offsets[row + 1]! - start;
    markSmallest(marks, start, randomKeys(ratings, row, seed), Math.min(countOf(count), count - 1));
  }
  return marks;
}

/** A number in [0, 1] for every entry of a user's row, from the seed and the positions. */
export function randomKeys({ byUser, users, items }: NumberedRows, row: number, seed: number) {
  const start = byUser.offsets[row]!;
  const user = users.positions[row]!;
  const keys = new Float64Array(byUser.offsets[row + 1]! - start);
  for (let at = 0; at < keys.length; at++) {
    const item = items.positions[byUser.columns[start + at]!]!;
    // Two words, so that equal keys are out of the question.
    keys[at] = randomAt(seed, user, 2 * item) + randomAt(seed, user, 2 * item + 1) / 2 ** 32;
  }
  return keys;
}

/** Marks the `count` entries from `start` on whose keys are smallest. */
export function markSmallest(
  marks: Uint8Array,
  start: number,
  keys: Float64Array,
  count: number,
): void {
  if (count <= 0) return;
  const threshold = keys.slice().sort()[count - 1]!;
  for (let at = 0, left = count; at < keys.length && left > 0; at++) {
    if (keys[at]! > threshold) continue;
    marks[start + at] = 1;
    left--;
  }
}
