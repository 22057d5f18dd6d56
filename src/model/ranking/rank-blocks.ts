import type { UserRecommendations } from '../recommender.js';
import type { RankingExecutor } from './ranking-executor.js';
import type { RankingJob } from './ranking-job.js';

/**
 * Runs a ranking job and yields the lists of one block after the other, in the order of the users. At
 * most `windows` blocks are loaded, running or unread, so memory stays bounded and a slow consumer slows
 * the executor. Closes the executor at the end, after an error, and when the consumer leaves early.
 *
 * @param windows those of the job
 */
export async function* rankBlocks(
  job: RankingJob,
  executor: RankingExecutor,
  windows: number,
): AsyncGenerator<UserRecommendations[]> {
  try {
    const begin = (block: number): Promise<void> => {
      const done = executor.rank(job.load(block, block % windows));
      // It is awaited when its turn comes, or never if an earlier one fails.
      done.catch(() => {});
      return done;
    };
    const begun = Array.from({ length: Math.min(windows, job.blockCount) }, (_, at) => begin(at));
    for (let block = 0; block < job.blockCount; block++) {
      const window = block % windows;
      await begun[window];
      const lists = job.read(block, window);
      if (block + windows < job.blockCount) begun[window] = begin(block + windows);
      yield lists;
    }
  } finally {
    job.stop();
    await executor.close();
  }
}
