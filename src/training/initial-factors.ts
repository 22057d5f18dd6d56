import { randomAt } from '../random.js';
import type { Side } from '../ratings/ratings.js';

/** A factor matrix in shared memory: row r starts at element r·stride; padding stays zero. */
export interface FactorRows {
  readonly elements: Float32Array | Float64Array;
  readonly rank: number;
  readonly stride: number;
}

/** How random starting factors are drawn. */
export interface RandomStart {
  readonly seed: number;
  readonly initialScale: number;
  readonly nonnegative: boolean;
}

/**
 * Fills the rows with small random numbers of mean 0 and standard deviation initialScale/√rank, as
 * Rendle et al., "Revisiting the Performance of iALS on Item Recommendation Benchmarks" (2022) scale
 * them, but drawn uniformly; with `nonnegative` their absolute values. A row depends on the seed, its side and its position alone: blocks, threads and
 * the numbering inside change nothing.
 *
 * @param from the first dimension to fill; those before stay
 */
export function fillWithRandom(
  factors: FactorRows,
  positions: Uint32Array,
  side: Side,
  start: RandomStart,
  from = 0,
): void {
  const { seed, initialScale, nonnegative } = start;
  const { elements, rank, stride } = factors;
  const halfWidth = (initialScale * Math.sqrt(3)) / Math.sqrt(rank);
  for (let row = 0; row < positions.length; row++) {
    const stream = 2 * positions[row]! + (side === 'user' ? 0 : 1);
    for (let i = from; i < rank; i++) {
      const element = (2 * randomAt(seed, stream, i) - 1) * halfWidth;
      elements[row * stride + i] = nonnegative ? Math.abs(element) : element;
    }
  }
}

/** Copies given factors, whose rows are in the order of the ids, to where their rows are inside. */
export function fillWithGiven(
  factors: FactorRows,
  positions: Uint32Array,
  given: Float32Array | Float64Array,
): void {
  const { elements, rank, stride } = factors;
  for (let row = 0; row < positions.length; row++) {
    const from = positions[row]! * rank;
    elements.set(given.subarray(from, from + rank), row * stride);
  }
}
