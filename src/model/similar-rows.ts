import { scoreItems } from './score-items.js';
import { topItems } from './top-items.js';

/** Euclidean length of every row, in float64. */
export function rowNorms(factors: Float32Array, rank: number): Float64Array {
  const norms = new Float64Array(factors.length / rank);
  for (let row = 0; row < norms.length; row++) {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += factors[row * rank + k]! ** 2;
    norms[row] = Math.sqrt(sum);
  }
  return norms;
}

/**
 * The rows nearest to one row by cosine similarity, −1 to 1, best first, ties by row.
 *
 * The row itself and all-zero rows, which have no direction, are left out; nothing is similar to
 * an all-zero row.
 *
 * @param norms `rowNorms` of the same factors
 */
export function similarRows(
  row: number,
  factors: Float32Array,
  norms: Float64Array,
  count: number,
): { readonly position: number; readonly score: number }[] {
  const rank = factors.length / norms.length;
  const norm = norms[row]!;
  if (norm === 0) return [];
  const scores = new Float32Array(norms.length);
  scoreItems(factors.subarray(row * rank, (row + 1) * rank), factors, rank, scores);
  for (let other = 0; other < norms.length; other++) {
    // Rounding can pass 1 by an ulp, and would then tell equal directions apart.
    const cosine = Math.max(-1, Math.min(1, scores[other]! / (norm * norms[other]!)));
    scores[other] = norms[other] === 0 ? Number.NEGATIVE_INFINITY : cosine;
  }
  scores[row] = Number.NEGATIVE_INFINITY;
  return topItems(scores, count).map((position) => ({ position, score: scores[position]! }));
}
