import type { RankingJob } from '../src/model/ranking-job.js';
import type { UserRecommendations } from '../src/model/recommender.js';
import { asError } from './as-error.js';
import { BlockFailedError } from './errors.js';
import type { PlacedRanking, RankingPlacement } from './placements/placement.js';
import { decideFault } from './supervisor/fault-policy.js';

/** Windows that keep a placement busy: a task under way and one to follow for each slot. */
export function windowsFor(placement: RankingPlacement): number {
  return 2 * placement.slots;
}

/**
 * Runs a ranking job where `placement` says, and yields the lists of one block after the other, in
 * the order of the users. No more blocks are on their way than the job has windows, so memory stays
 * bounded and a slow consumer slows the threads.
 *
 * Leaving early, and an error, ends every task and every thread before the generator is done. A task
 * whose thread dies is run again, 3 times at most; then it throws `BlockFailedError`.
 */
export async function* rankedBlocks(
  job: RankingJob,
  placement: RankingPlacement,
): AsyncGenerator<UserRecommendations[]> {
  const windows = Math.min(windowsFor(placement), job.blockCount);
  const place = await placement.openRanking(job.layout);
  try {
    const begin = (block: number): Promise<void> => {
      const done = rankBlock(job, place, block, block % windows);
      // It is awaited when its turn comes, or never if an earlier one fails.
      done.catch(() => {});
      return done;
    };
    const begun = Array.from({ length: windows }, (_, block) => begin(block));
    for (let block = 0; block < job.blockCount; block++) {
      const window = block % windows;
      await begun[window];
      const lists = job.read(block, window);
      if (block + windows < job.blockCount) begun[window] = begin(block + windows);
      yield lists;
    }
  } finally {
    job.stop();
    await place.close();
  }
}

async function rankBlock(
  job: RankingJob,
  place: PlacedRanking,
  block: number,
  window: number,
): Promise<void> {
  const task = job.load(block, window);
  for (let attempts = 1; ; attempts++) {
    try {
      return await place.rank(task);
    } catch (thrown) {
      const error = asError(thrown);
      if (decideFault(error, attempts) === 'solve-again') continue;
      throw new BlockFailedError('user', block, attempts, error);
    }
  }
}
