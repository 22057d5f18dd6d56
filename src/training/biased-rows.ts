import type { Side } from '../ratings/ratings.js';

/*
 * How rows of a job hold biases: two coordinates follow the latent dimensions, so that the product
 * of two rows is x·y + b_u + b_i.
 *
 *     user row   x_0 … x_(rank − 1)   b_u   1
 *     item row   y_0 … y_(rank − 1)   1     b_i
 *
 * The 1 is pinned: no phase changes it.
 */

/** Coordinates of a row of a job. */
export function coordinateCount(options: {
  readonly rank: number;
  readonly biases: boolean;
}): number {
  return options.rank + (options.biases ? 2 : 0);
}

/** Coordinate of the bias in the rows of a side of a job with biases. */
export function biasCoordinate(side: Side, rank: number): number {
  return side === 'user' ? rank : rank + 1;
}

/** Coordinate that is 1 in the rows of a side of a job with biases. */
export function pinnedCoordinate(side: Side, rank: number): number {
  return side === 'user' ? rank + 1 : rank;
}
