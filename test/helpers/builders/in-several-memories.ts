import { MemoryLimitError } from '../../../src/errors.js';
import type { FactorModel } from '../../../src/model/factor-model.js';
import type { RankingJob, RankingRoom } from '../../../src/model/ranking/ranking-job.js';
import type { RecommendAllOptions } from '../../../src/model/recommender.js';

/** The job in the smallest memories, within a tenth, that hold it: in several if its items fill them. */
export function inSeveralMemories(
  model: FactorModel,
  options: RecommendAllOptions,
  room: RankingRoom,
): RankingJob {
  let job = model.prepareRanking(options, room);
  try {
    for (let bytes: number = job.layout.memory.buffer.byteLength; ; bytes *= 0.9) {
      job = model.prepareRanking(options, { ...room, memoryBytes: bytes });
    }
  } catch (error) {
    if (error instanceof MemoryLimitError) return job;
    throw error;
  }
}
