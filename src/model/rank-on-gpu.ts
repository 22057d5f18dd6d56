import { DeviceError, InvalidOptionError } from '../errors.js';
import { checkGpuOptions } from '../kernels/gpu/device/check-gpu-options.js';
import { openGpu } from '../kernels/gpu/device/open-gpu.js';
import { type GpuRanker, openGpuRanker } from '../kernels/gpu/ranking/gpu-ranker.js';
import { maxScreenedCount } from '../kernels/gpu/ranking/shaders.js';
import type { GpuOptions } from '../kernels/kernel.js';
import { openRanker, type RankingLayout } from '../kernels/wasm/ranking.js';
import type { RankingJob } from './ranking-job.js';
import type { GpuRankingOptions, UserRecommendations } from './recommender.js';

/** Throws `InvalidOptionError` if lists are too long for a GPU, or its options are wrong. */
export function checkRankingOnGpu(count: number, gpu: GpuOptions = {}): void {
  checkGpuOptions(gpu);
  if (count > maxScreenedCount) {
    throw new InvalidOptionError('count', count, `at most ${maxScreenedCount} with a GPU`);
  }
}

/** Tasks that a GPU is given at a time: one that comes, one that it does, one that goes. */
export const gpuSlots = 3;

/**
 * Opens a job on this process's GPU. Rejects with `KernelUnavailableError` if there is none, with
 * `DeviceError` if it fails or the job does not fit.
 */
export async function openRankerOnGpu(
  layout: RankingLayout,
  request: GpuOptions = {},
): Promise<GpuRanker> {
  const room = { slots: gpuSlots, deadline: request.deadline ?? 120 };
  const gpu = await openGpu(request);
  if (request.program !== 'gpu.js') return openGpuRanker(gpu, layout, room);
  const { openGpuJsScreen } = await import('../kernels/gpu/gpu-js/gpu-js-screen.js');
  return openGpuRanker(gpu, layout, room, openGpuJsScreen);
}

/**
 * Runs a job that is laid out for a GPU, with `gpuSlots` windows, and yields its lists in order.
 * If the GPU fails, what is left is done in this thread.
 *
 * Rejects with `KernelUnavailableError` if there is no GPU.
 *
 * @param open opens the job on a GPU
 */
export async function* rankOnGpu(
  job: RankingJob,
  { gpu, onFault }: GpuRankingOptions,
  open = openRankerOnGpu,
): AsyncGenerator<UserRecommendations> {
  const wasm = openRanker(job.layout);
  let hasFailed = false;
  const ranker = await open(job.layout, gpu).catch(goOnWithout);
  const begin = (block: number): Promise<void> => {
    const done = rank(block, block % gpuSlots);
    // It is awaited when its turn comes, or never if an earlier one fails.
    done.catch(() => {});
    return done;
  };
  const begun = Array.from({ length: Math.min(gpuSlots, job.blockCount) }, (_, at) => begin(at));
  try {
    for (let block = 0; block < job.blockCount; block++) {
      const window = block % gpuSlots;
      await begun[window];
      const lists = job.read(block, window);
      if (block + gpuSlots < job.blockCount) begun[window] = begin(block + gpuSlots);
      yield* lists;
    }
  } finally {
    await ranker?.close();
  }

  async function rank(block: number, window: number): Promise<void> {
    const task = job.load(block, window);
    const isDone = hasFailed ? false : await ranker?.run(task, window).catch(goOnWithout);
    if (isDone !== true) wasm.run(task, 0);
  }

  function goOnWithout(error: unknown): undefined {
    if (!(error instanceof DeviceError)) throw error;
    if (!hasFailed) onFault?.({ message: error.message, action: 'use-wasm' });
    hasFailed = true;
  }
}
