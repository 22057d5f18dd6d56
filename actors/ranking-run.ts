import { mergedBlocks } from '../src/model/ranking/parted-ranking.js';
import { rankBlocks } from '../src/model/ranking/rank-blocks.js';
import type { RankingExecutor } from '../src/model/ranking/ranking-executor.js';
import type { RankingJob } from '../src/model/ranking/ranking-job.js';
import type { UserRecommendations } from '../src/model/recommender.js';
import { asError } from './as-error.js';
import { BlockFailedError } from './errors.js';
import type { RankingPlacement } from './placements/placement.js';
import { decideFault } from './supervisor/fault-policy.js';

/** Windows that keep a placement busy: a task under way and one to follow for each slot. */
export function windowsFor(placement: RankingPlacement): number {
  return 2 * placement.slots;
}

/**
 * Runs a ranking job where `placement` says, and yields the lists of one block after the other, in
 * the order of the users; see `rankBlocks`.
 *
 * Leaving early, and an error, ends every task and every thread before the generator is done. A task
 * whose thread dies is run again, 3 times at most; then it throws `BlockFailedError`.
 */
export function rankedBlocks(
  job: RankingJob,
  placement: RankingPlacement,
): AsyncGenerator<UserRecommendations[]> {
  return mergedBlocks(job, (one) => blocksOfOne(one, placement));
}

/** Of the items of one memory. */
async function* blocksOfOne(
  job: RankingJob,
  placement: RankingPlacement,
): AsyncGenerator<UserRecommendations[]> {
  const executor = persistent(await placement.openRanking(job.layout));
  yield* rankBlocks(job, executor, windowsFor(placement));
}

/** Runs a task again if it fails and may go better next time. */
function persistent(executor: RankingExecutor): RankingExecutor {
  return {
    async rank(task) {
      for (let attempts = 1; ; attempts++) {
        try {
          return await executor.rank(task);
        } catch (thrown) {
          const error = asError(thrown);
          if (decideFault(error, attempts) === 'solve-again') continue;
          throw new BlockFailedError('user', task.block, attempts, error);
        }
      }
    },
    close: () => executor.close(),
  };
}
