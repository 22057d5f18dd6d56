import { scoreItems } from './ranking/score-items.js';
import { topItems } from './ranking/top-items.js';

/** Euclidean length of every row, in float64. */
export function rowNorms(factors: Float32Array, rank: number): Float64Array {
  const norms = new Float64Array(factors.length / rank);
  writeNorms(factors, rank, norms);
  return norms;
}

/** `rowNorms` into an array that is there. */
export function writeNorms(factors: Float32Array, rank: number, norms: Float64Array): void {
  for (let row = 0; row < norms.length; row++) {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += factors[row * rank + k]! ** 2;
    norms[row] = Math.sqrt(sum);
  }
}

/**
 * The rows nearest to a row by cosine similarity, −1 to 1, best first, ties by row.
 *
 * All-zero rows, which have no direction, are left out; nothing is similar to an all-zero row.
 *
 * @param row `rank` elements
 * @param itself which of the rows it is, to be left out too; undefined if it is none of them
 * @param norms `rowNorms` of `factors`
 */
export function similarRows(
  row: Float32Array,
  itself: number | undefined,
  factors: Float32Array,
  norms: Float64Array,
  count: number,
): { readonly position: number; readonly score: number }[] {
  const rank = row.length;
  const norm = rowNorms(row, rank)[0]!;
  if (norm === 0) return [];
  const scores = new Float32Array(norms.length);
  scoreItems(row, factors, rank, scores);
  for (let other = 0; other < norms.length; other++) {
    // Rounding can exceed 1 by an ulp, and equal directions would then differ.
    const cosine = Math.max(-1, Math.min(1, scores[other]! / (norm * norms[other]!)));
    scores[other] = norms[other] === 0 ? Number.NEGATIVE_INFINITY : cosine;
  }
  if (itself !== undefined) scores[itself] = Number.NEGATIVE_INFINITY;
  return topItems(scores, count).map((position) => ({ position, score: scores[position]! }));
}
