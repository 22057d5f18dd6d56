import test from 'ava';
import { GpuJsJob } from '../../../../../src/kernels/gpu/gpu-js/gpu-js-job.js';
import { gpuJsOnProcessor } from '../../../../../src/kernels/gpu/gpu-js/gpu-js-program.js';
import { processorBackend } from '../../../../../src/kernels/gpu/gpu-js/processor-backend.js';
import { gpuKernel } from '../../../../../src/kernels/gpu/gpu-kernel.js';
import type { JobOptions } from '../../../../../src/training/options.js';
import { factorsOf, randomRatings, withhold } from '../../../../helpers/builders/jobs.js';
import { openKernel, runKernel } from '../../../../helpers/probes/open-kernel.js';

/** Trains with shards of at most so many elements and ratings. */
async function train(shardLimit: number | undefined, options: JobOptions) {
  const program = {
    ...gpuJsOnProcessor(),
    open: async (job: ConstructorParameters<typeof GpuJsJob>[1]) =>
      new GpuJsJob(await processorBackend(), job, shardLimit),
  };
  const ratings = randomRatings({ users: 50, items: 30, density: 0.3 });
  const cells = [
    [0, 0, 3],
    [4, 9, 5],
    [49, 29, 1],
  ] as const;
  const heldOut = withhold(ratings, cells);
  const settings = { rank: 6, iterations: 2, blocks: 3, ...options };
  const opened = await openKernel(gpuKernel(program), ratings, settings, { heldOut });
  const { reports } = await runKernel(opened);
  await opened.close();
  return {
    reports,
    users: factorsOf(opened.job, 'user', 2),
    items: factorsOf(opened.job, 'item', 2),
  };
}

for (const feedback of ['implicit', 'explicit'] as const) {
  test(`shards of any size give the same rows with ${feedback} feedback`, async (t) => {
    const whole = await train(undefined, { feedback });

    // 8 elements are one row, 100 some, 400 more than a block.
    for (const limit of [8, 100, 400]) {
      const { reports, users, items } = await train(limit, { feedback });

      t.deepEqual(users, whole.users);
      t.deepEqual(items, whole.items);
      for (const [at, report] of reports.entries()) {
        const wanted = whole.reports[at]!;
        // Only the tiles of sums are others.
        t.true(Math.abs(report.loss.total / wanted.loss.total - 1) < 1e-6);
        t.true(Math.abs(report.rmse / wanted.rmse - 1) < 1e-6);
        t.true(Math.abs(report.validation!.rmse / wanted.validation!.rmse - 1) < 1e-6);
      }
    }
  });
}
