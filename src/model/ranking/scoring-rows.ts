import type { Side } from '../../ratings/ratings.js';
import { biasCoordinate, pinnedCoordinate } from '../../training/biased-rows.js';

/** One side of a model: the factors of its rows, and their biases if the model has any. */
export interface ModelRows {
  /** Row-major, rows × rank. */
  readonly factors: Float32Array;
  /** One a row; undefined in a model without biases. */
  readonly biases: Float32Array | undefined;
}

/** Rows whose products are scores, `width` elements each. */
export interface ScoringRows {
  readonly width: number;
  /** Row-major, rows × width. */
  readonly rows: Float32Array;
}

/**
 * One side's rows such that the product of a user's and an item's is the score.
 *
 * Without biases and mean these are the factors themselves, not a copy. Otherwise they are laid out as
 * training lays out rows with biases (training/biased-rows.ts), with μ added to the users' biases.
 */
export function scoringRows(
  side: Side,
  { factors, biases }: ModelRows,
  rank: number,
  globalMean: number,
): ScoringRows {
  if (biases === undefined && globalMean === 0) return { width: rank, rows: factors };
  const width = rank + 2;
  const rowCount = factors.length / rank;
  const rows = new Float32Array(rowCount * width);
  for (let row = 0; row < rowCount; row++) {
    const to = row * width;
    rows.set(factors.subarray(row * rank, (row + 1) * rank), to);
    const bias = biases?.[row] ?? 0;
    rows[to + biasCoordinate(side, rank)] = side === 'user' ? bias + globalMean : bias;
    rows[to + pinnedCoordinate(side, rank)] = 1;
  }
  return { width, rows };
}
