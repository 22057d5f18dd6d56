import {
  gpuSlots,
  type OpenGpuRanker,
  openRankerOnGpu,
  rankingOnGpu,
} from '../../../src/model/ranking/rank-on-gpu.js';
import type { GpuRankingOptions } from '../../../src/model/recommender.js';
import type { Placement, RankingPlacement } from '../placement.js';

/**
 * Ranks on the process's GPU, and where `placement` says once that has failed. The job must be laid
 * out for a GPU.
 *
 * Useful when
 * - there are many users and items, and the processor has other work.
 *
 * Problems
 * - exact scores and the lists' objects are made on the event loop.
 *
 * @param open opens the job on a GPU
 */
export function gpuRankingPlacement(
  placement: Placement,
  options: GpuRankingOptions,
  open: OpenGpuRanker = openRankerOnGpu,
): RankingPlacement {
  return {
    slots: Math.max(placement.slots, gpuSlots),
    openRanking: (layout) =>
      rankingOnGpu(layout, options, () => placement.openRanking(layout), open),
  };
}
