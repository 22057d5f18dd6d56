import type { GpuWork } from '../kernels/select/gpu-work.js';
import { type DescribedRatings, isDescribed } from '../ratings/described-ratings.js';
import { largestOf } from '../ratings/largest-of.js';
import type { Ratings, RatingsOutline, Side } from '../ratings/ratings.js';
import { rowsOf } from '../ratings/ratings.js';
import { entryCount } from '../ratings/sparse-rows.js';
import { coordinateCount } from './biased-rows.js';
import type { TrainingSettings } from './training-settings.js';

/** Lanes of the kernels that can take over from a GPU. */
const lanes = 4;

/**
 * Weights, ratings and λ within these squared thrice, with factors and counts of ratings, stay within
 * float32. WASM scales every row's system instead; a GPU does not.
 */
const maxWeight = 1e8;
const minRating = 1e-8;

/** What a GPU would have to do for a job. */
export function gpuWorkOf(
  ratings: Ratings | DescribedRatings,
  heldOut: RatingsOutline | undefined,
  { row, solver, loss, schedule }: TrainingSettings,
): GpuWork {
  const rank = coordinateCount(row);
  return {
    solver: solver.solver,
    nonnegative: solver.nonnegative,
    cgSteps: solver.cgSteps,
    iterations: schedule.iterations,
    extreme: extremeOf(ratings, loss),
    shape: {
      users: ratings.byUser.rowCount,
      items: ratings.byItem.rowCount,
      ratings: entryCount(ratings.byUser),
      heldOut: heldOut ? entryCount(heldOut.byUser) : 0,
      rank,
      stride: Math.ceil(rank / lanes) * lanes,
      longestRow: Math.max(longestRow(ratings, 'user'), longestRow(ratings, 'item')),
    },
  };
}

function extremeOf(
  ratings: Ratings | DescribedRatings,
  { feedback, alpha, unobservedWeight, regularization }: TrainingSettings['loss'],
): string | undefined {
  const largest = isDescribed(ratings)
    ? ratings.described.largest
    : largestOf(ratings.byUser.ratings);
  const weights =
    feedback === 'implicit'
      ? { 'alpha·rating up to': alpha * largest, unobservedWeight: unobservedWeight }
      : { 'ratings up to': largest };
  for (const [name, weight] of Object.entries({ ...weights, regularization })) {
    if (weight > maxWeight) return `found ${name} ${weight}; expected at most ${maxWeight}`;
  }
  if (feedback === 'explicit' && largest < minRating) {
    return `found ratings up to ${largest}; expected more than ${minRating}`;
  }
  return undefined;
}

function longestRow(ratings: RatingsOutline, side: Side): number {
  const { offsets, rowCount } = rowsOf(ratings, side);
  let longest = 0;
  for (let row = 0; row < rowCount; row++) {
    longest = Math.max(longest, offsets[row + 1]! - offsets[row]!);
  }
  return longest;
}
