import { InvalidOptionError, StoppedError } from '../../errors.js';
import { checkGpuOptions } from '../../kernels/gpu/device/check-gpu-options.js';
import { openGpu } from '../../kernels/gpu/device/open-gpu.js';
import { type GpuRanker, openGpuRanker } from '../../kernels/gpu/ranking/gpu-ranker.js';
import { maxScreenedCount } from '../../kernels/gpu/ranking/shaders.js';
import type { GpuOptions } from '../../kernels/job-layout.js';
import type { RankingLayout } from '../../kernels/wasm/ranking.js';
import { TaskQueue } from '../../task-queue.js';
import type { GpuRankingOptions, UserRecommendations } from '../recommender.js';
import { mergedBlocks } from './parted-ranking.js';
import { rankBlocks } from './rank-blocks.js';
import { type RankingExecutor, rankingHere } from './ranking-executor.js';
import type { RankingJob } from './ranking-job.js';
import { withFallback } from './with-fallback.js';

/** Throws `InvalidOptionError` if lists are too long for a GPU, or its options are wrong. */
export function checkRankingOnGpu(count: number, gpu: GpuOptions = {}): void {
  checkGpuOptions(gpu);
  if (count > maxScreenedCount) {
    throw new InvalidOptionError('count', count, `at most ${maxScreenedCount} with a GPU`);
  }
}

/** Tasks in a GPU's pipeline: one is uploaded, one runs, one is read back. */
export const gpuSlots = 3;

/** Opens a ranking job on a GPU. */
export type OpenGpuRanker = (layout: RankingLayout, request?: GpuOptions) => Promise<GpuRanker>;

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
  const { openGpuJsScreen } = await import('../../kernels/gpu/gpu-js/gpu-js-screen.js');
  return openGpuRanker(gpu, layout, room, openGpuJsScreen);
}

/**
 * Opens a job that is laid out for a GPU there, with a processor to go on with if it fails.
 * Rejects with `KernelUnavailableError` if there is no GPU.
 *
 * @param openCpu opens the job on the processor; by default in this thread
 * @param open opens the job on a GPU
 */
export function rankingOnGpu(
  layout: RankingLayout,
  { gpu, onFault }: GpuRankingOptions,
  openCpu: () => Promise<RankingExecutor> = async () => rankingHere(layout),
  open: OpenGpuRanker = openRankerOnGpu,
): Promise<RankingExecutor> {
  return withFallback(async () => queued(await open(layout, gpu)), openCpu, onFault);
}

/**
 * Runs a job that is laid out for a GPU, with `gpuSlots` windows, and yields its lists in order. The
 * items of all memories are on the GPU. If it fails, this thread does what is left.
 *
 * Rejects with `KernelUnavailableError` if there is no GPU.
 *
 * @param open opens the job on a GPU
 */
export async function* rankOnGpu(
  job: RankingJob,
  options: GpuRankingOptions,
  open?: OpenGpuRanker,
): AsyncGenerator<UserRecommendations> {
  const once = withOneFault(options);
  const blocksOf = async function* (one: RankingJob) {
    const executor = await rankingOnGpu(one.layout, once, undefined, open);
    yield* rankBlocks(one, executor, gpuSlots);
  };
  for await (const lists of mergedBlocks(job, blocksOf)) yield* lists;
}

/** Calls `onFault` for the first memory of a job whose GPU fails only. */
export function withOneFault({ onFault, ...options }: GpuRankingOptions): GpuRankingOptions {
  let isTold = false;
  return {
    ...options,
    onFault(fault) {
      if (!isTold) onFault?.(fault);
      isTold = true;
    },
  };
}

function queued(ranker: GpuRanker): RankingExecutor {
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
