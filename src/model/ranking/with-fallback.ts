import { DeviceError } from '../../errors.js';
import type { GpuRankingOptions } from '../recommender.js';
import type { RankingExecutor } from './ranking-executor.js';

/**
 * Ranks on a GPU, and on the processor once the GPU has failed. The tasks that the GPU had then run
 * again, so every list is right. Rejects with what `openGpu` rejects with unless it is a `DeviceError`.
 *
 * @param onFault is called once, when the GPU fails
 */
export async function withFallback(
  openGpu: () => Promise<RankingExecutor>,
  openCpu: () => Promise<RankingExecutor>,
  onFault: GpuRankingOptions['onFault'],
): Promise<RankingExecutor> {
  const goOnWithout = (error: unknown): Promise<RankingExecutor> => {
    if (!(error instanceof DeviceError)) throw error;
    onFault?.({ message: error.message, action: 'use-wasm' });
    return openCpu();
  };
  let gpu: RankingExecutor;
  try {
    gpu = await openGpu();
  } catch (error) {
    return goOnWithout(error);
  }
  let cpu: Promise<RankingExecutor> | undefined;
  return {
    async rank(task) {
      try {
        if (cpu === undefined) return await gpu.rank(task);
      } catch (error) {
        cpu ??= goOnWithout(error);
      }
      return (await cpu!).rank(task);
    },
    async close() {
      await gpu.close();
      await (await cpu)?.close();
    },
  };
}
