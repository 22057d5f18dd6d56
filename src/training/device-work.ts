import type { DeviceWork } from '../kernels/device-work.js';
import type { RatingsOutline, Side } from '../ratings/ratings.js';
import { rowsOf } from '../ratings/ratings.js';
import { entryCount } from '../ratings/sparse-rows.js';
import { coordinateCount } from './biased-rows.js';
import type { ResolvedJobOptions } from './options.js';

/** Lanes of the kernels that can take over from a GPU. */
const lanes = 4;

/** What a GPU would have to do for a job. */
export function deviceWorkOf(
  ratings: RatingsOutline,
  heldOut: RatingsOutline | undefined,
  options: ResolvedJobOptions,
): DeviceWork {
  const rank = coordinateCount(options);
  const { solver, nonnegative, cgSteps, iterations } = options;
  return {
    ...{ solver, nonnegative, cgSteps, iterations },
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

function longestRow(ratings: RatingsOutline, side: Side): number {
  const { offsets, rowCount } = rowsOf(ratings, side);
  let longest = 0;
  for (let row = 0; row < rowCount; row++) {
    longest = Math.max(longest, offsets[row + 1]! - offsets[row]!);
  }
  return longest;
}
