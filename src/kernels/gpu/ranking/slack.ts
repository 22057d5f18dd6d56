/** What of a user's and the items' sizes bounds the error of every score. */
export interface RowNorms {
  /** Euclidean length of the user's row. */
  readonly user: number;
  /** Greatest Euclidean length of an item's row. */
  readonly item: number;
}

/** The smallest normal float32: a GPU may take what is nearer to zero for zero. */
const tiny = 2 ** -126;

/**
 * How far below the count-th best float32 score of a GPU an item of a user's list may lie; undefined
 * if float32 does not tell (rows of zeros, of what is no number, or so long that products overflow).
 *
 * WGSL promises sums and products one of the two float32 next to the exact one, in any order, fused
 * or not: each step is off by at most v = 2⁻²³, so n products and their sum by γ·Σ|x||y| ≤ γ·|x||y|
 * with γ = n·v / (1 − n·v) (Higham 2002, section 3.1, with v in the place of the unit roundoff).
 * Elements, products and sums below `tiny` may become zero. The score itself is x·y in float64
 * rounded to float32, which adds less than v·|x||y| and 2⁻¹⁴⁹. Twice all of that, because the best
 * scores may be too low and the item's too high; and a step for taking it off.
 */
export function slackOf({ user, item }: RowNorms, rank: number): number | undefined {
  const greatest = user * item;
  if (!(greatest > 0 && greatest < 1e37)) return undefined;
  const steps = (rank + 1) * 2 ** -23;
  const error =
    (steps / (1 - steps)) * greatest +
    tiny * (2 * rank + Math.sqrt(rank) * (user + item)) +
    2 ** -23 * greatest +
    2 ** -149;
  // The last factor covers the rounding of this formula and to the float32 that the GPU is given.
  const slack = (2 * error + 2 ** -22 * greatest + tiny) * (1 + 2 ** -20);
  return slack < 1e37 ? slack : undefined;
}

/** Euclidean length of a row, in float64. NaN if an element is. */
export function normOf(rows: Float32Array, row: number, rank: number): number {
  let squares = 0;
  const end = (row + 1) * rank;
  for (let at = row * rank; at < end; at++) squares += rows[at]! ** 2;
  return Math.sqrt(squares);
}
