import {
  gpuSlots,
  type OpenGpuRanker,
  openRankerOnGpu,
  rankingOnGpu,
  withOneFault,
} from '../../../src/model/ranking/rank-on-gpu.js';
import type { GpuRankingOptions } from '../../../src/model/recommender.js';
import type { Placement, RankingPlacement } from '../placement.js';

/**
 * Ranks one job on the process's GPU, in as many memories as it has, and where `placement` says once that
 * has failed, of which it tells once. The job must be laid out for a GPU.
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
  const once = withOneFault(options);
  return {
    slots: Math.max(placement.slots, gpuSlots),
    openRanking: (layout) => rankingOnGpu(layout, once, () => placement.openRanking(layout), open),
  };
}
