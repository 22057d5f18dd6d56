import type { Gpu } from '../../../src/kernels/gpu/device/gpu.js';
import { openGpuRanker } from '../../../src/kernels/gpu/ranking/gpu-ranker.js';
import { openScreen } from '../../../src/kernels/gpu/ranking/screen.js';
import type { FactorModel } from '../../../src/model/factor-model.js';
import type { RecommendAllOptions, UserRecommendations } from '../../../src/model/recommender.js';

/** The lists of a model, made block by block on a device. */
export async function listsOn(
  gpu: Gpu,
  model: FactorModel,
  options: RecommendAllOptions = {},
  open = openScreen,
): Promise<UserRecommendations[]> {
  const job = model.prepareRanking(options, { slots: 1, windows: 1, onGpu: true });
  const ranker = await openGpuRanker(gpu, job.layout, { slots: 1, deadline: 60 }, open);
  const lists = [];
  try {
    for (let block = 0; block < job.blockCount; block++) {
      await ranker.run(job.load(block, 0), 0);
      lists.push(...job.read(block, 0));
    }
  } finally {
    await ranker.close();
  }
  return lists;
}
