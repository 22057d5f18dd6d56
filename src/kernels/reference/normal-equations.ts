import { type JobLayout, unobservedShare, type Weighting } from '../job-layout.js';
import type { SideViews } from './job-views.js';

/**
 * The system of one row: A = u·gram + Σ e·y·yᵀ + λI and b = Σ c·t·y; see `Weighting`. Hu, Koren,
 * Volinsky 2008 for u = 1.
 *
 * @returns `a` row-major rank × rank, symmetric; `b` of length rank
 */
export function normalEquations(
  gram: Float64Array,
  solved: Pick<SideViews, 'ratings' | 'regularizers'>,
  fixed: Float64Array,
  row: number,
  { rank, weighting }: Pick<JobLayout, 'rank' | 'weighting'>,
): { a: Float64Array; b: Float64Array } {
  const a = gram.map((element) => weighting.unobservedWeight * element);
  const b = new Float64Array(rank);
  const { offsets, columns, ratings } = solved.ratings;
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
    const y = columns[at]! * rank;
    const { confidence, target } = weigh(weighting, ratings[at]!);
    const extra = confidence - unobservedShare(weighting);
    for (let i = 0; i < rank; i++) {
      b[i]! += confidence * target * fixed[y + i]!;
      for (let j = 0; j < rank; j++) a[i * rank + j]! += extra * fixed[y + i]! * fixed[y + j]!;
    }
  }
  for (let i = 0; i < rank; i++) a[i * rank + i]! += solved.regularizers[row]!;
  return { a, b };
}

/** w = u + s/N of a row, s = Σ e: what it weighs the fixed side's rows with on average. */
export function sharedWeight(
  { ratings: { offsets, ratings } }: SideViews,
  row: number,
  { weighting, fixedRowCount }: { readonly weighting: Weighting; readonly fixedRowCount: number },
): number {
  let sum = 0;
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
    sum += weigh(weighting, ratings[at]!).confidence - unobservedShare(weighting);
  }
  return weighting.unobservedWeight + sum / fixedRowCount;
}

/** Confidence c and target t of a cell with rating r; see `Weighting`. */
export function weigh(
  weighting: Weighting,
  rating: number,
): { confidence: number; target: number } {
  return {
    confidence: 1 + weighting.alpha * rating,
    target: weighting.feedback === 'implicit' ? preference(rating) : rating - weighting.offset,
  };
}

export function preference(rating: number): number {
  return rating > 0 ? 1 : 0;
}
