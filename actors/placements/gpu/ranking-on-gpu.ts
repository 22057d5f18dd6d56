import { DeviceError } from '../../../src/errors.js';
import type { GpuRanker } from '../../../src/kernels/gpu/ranking/gpu-ranker.js';
import { gpuSlots, openRankerOnGpu } from '../../../src/model/rank-on-gpu.js';
import type { GpuRankingOptions } from '../../../src/model/recommender.js';
import { StoppedError } from '../../errors.js';
import type { PlacedRanking, Placement, RankingPlacement } from '../placement.js';
import { TaskQueue } from '../task-queue.js';

/**
 * Ranks on the process's GPU, and where `placement` says once that has failed; then no list is wrong,
 * and the tasks that it had are done again. The job must be laid out for a GPU.
 *
 * Useful when
 * - there are many users and items, and the processor has other work.
 *
 * Problems
 * - exact scores and the lists' objects are made on the event loop.
 *
 * @param open opens the job on a GPU
 */
export function rankingOnGpu(
  placement: Placement,
  { gpu, onFault }: GpuRankingOptions,
  open = openRankerOnGpu,
): RankingPlacement {
  return {
    slots: Math.max(placement.slots, gpuSlots),
    async openRanking(layout) {
      const goOnWithout = (error: unknown): Promise<PlacedRanking> => {
        if (!(error instanceof DeviceError)) throw error;
        onFault?.({ message: error.message, action: 'use-wasm' });
        return placement.openRanking(layout);
      };
      let device: PlacedRanking;
      try {
        device = queued(await open(layout, gpu));
      } catch (error) {
        return goOnWithout(error);
      }
      let fallback: Promise<PlacedRanking> | undefined;
      return {
        async rank(task) {
          try {
            if (fallback === undefined) return await device.rank(task);
          } catch (error) {
            fallback ??= goOnWithout(error);
          }
          return (await fallback!).rank(task);
        },
        async close() {
          await device.close();
          await (await fallback)?.close();
        },
      };
    },
  };
}

function queued(ranker: GpuRanker): PlacedRanking {
  const queue = new TaskQueue<void>({ workers: gpuSlots });
  return {
    rank: (task) =>
      queue.add(async (slot) => {
        if (!(await ranker.run(task, slot))) throw new StoppedError();
      }),
    async close() {
      queue.close();
      await ranker.close();
    },
  };
}
