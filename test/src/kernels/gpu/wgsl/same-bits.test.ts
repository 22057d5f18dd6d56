import { gpuKernel } from '../../../../../src/kernels/gpu/gpu-kernel.js';
import type { WgslSettings } from '../../../../../src/kernels/gpu/wgsl/settings.js';
import { wgslProgram } from '../../../../../src/kernels/gpu/wgsl/wgsl-program.js';
import { factorsOf, randomRatings } from '../../../../helpers/builders/jobs.js';
import { anyGpu, testOnGpu } from '../../../../helpers/builders/software-gpu.js';
import { openKernel, runKernel } from '../../../../helpers/probes/open-kernel.js';

/** Item rows have about 4,500 ratings: two segments. */
async function train(settings: WgslSettings) {
  const kernel = gpuKernel(wgslProgram(anyGpu!, settings), { deadline: 1000 });
  const ratings = randomRatings({ users: 5000, items: 7, density: 0.9 });
  const options = { rank: 20, alpha: 2, regularization: 1, iterations: 1, blocks: 5 };
  const open = await openKernel(kernel, ratings, options, { heldOut: ratings });
  try {
    const { reports } = await runKernel(open);
    const users = factorsOf(open.job, 'user', 1);
    return { reports, users, items: factorsOf(open.job, 'item', 1) };
  } finally {
    await open.close();
  }
}

testOnGpu('split rows, small buffers and short dispatches leave the same bits', async (t) => {
  const whole = await train({});

  const cut = await train({
    // 1,024 rows of factors and 21,504 ratings in a buffer.
    bindingBytes: 84 * 1024,
    longRow: 1000,
    workgroups: 100,
    submitOperations: 1e5,
  });

  t.deepEqual(cut.items, whole.items);
  t.deepEqual(cut.users, whole.users);
  t.deepEqual(cut.reports, whole.reports);
});
