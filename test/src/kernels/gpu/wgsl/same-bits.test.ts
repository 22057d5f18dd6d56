import { openOnGpu, openWith } from '../../../../../actors/placements/gpu/open-on-gpu.js';
import { inProcess } from '../../../../../actors/placements/in-process.js';
import type { Placement } from '../../../../../actors/placements/placement.js';
import { gpuKernel } from '../../../../../src/kernels/gpu/gpu-kernel.js';
import type { WgslSettings } from '../../../../../src/kernels/gpu/wgsl/settings.js';
import { wgslProgram } from '../../../../../src/kernels/gpu/wgsl/wgsl-program.js';
import { factorsOf, randomRatings } from '../../../../helpers/builders/jobs.js';
import { anyGpu, testOnGpu } from '../../../../helpers/builders/software-gpu.js';
import { openKernel, runKernel } from '../../../../helpers/probes/open-kernel.js';
import { runToEnd } from '../../../../helpers/probes/runs.js';

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

/** 5,000 users in blocks of about 500 that begin within slices of 1,024 rows. */
async function trainInParts(settings: WgslSettings, partBytes?: number) {
  const ratings = randomRatings({ users: 5000, items: 40, density: 0.1 });
  const options = { rank: 20, alpha: 2, iterations: 3, blocks: 10 };
  const kernel = gpuKernel(wgslProgram(anyGpu!, settings), { deadline: 1000 });
  const openDevice = async (job: Parameters<typeof openWith>[1]) => ({
    ...{ solver: await openWith(kernel, job), deviceName: 'a GPU' },
  });
  const openProcessor = () => Promise.reject(new Error('a GPU that failed'));
  const placement: Placement = {
    ...inProcess(),
    ...(partBytes !== undefined && { partBytes }),
    open: (job) => openOnGpu(job, { openProcessor, openDevice }),
    openParts: (job) => openOnGpu(job, { openProcessor, openDevice }),
  };
  const { events, factors, error } = await runToEnd(ratings, options, placement);
  const copied = events.some((event) => event.type === 'phase' && event.broadcastBytes > 0);
  const losses = events.flatMap((event) => (event.type === 'iteration' ? [event.loss] : []));
  return { factors, error, copied, losses };
}

testOnGpu(
  'a job in parts leaves the bits of one in one memory, in buffers of any size',
  async (t) => {
    const whole = await trainInParts({});

    const parts = await trainInParts({}, 700_000);
    const cut = await trainInParts({ bindingBytes: 84 * 1024 }, 700_000);

    t.deepEqual([whole.error, parts.error, cut.error], [undefined, undefined, undefined]);
    t.deepEqual([whole.copied, parts.copied, cut.copied], [false, true, true]);
    t.deepEqual(parts.factors, whole.factors);
    t.deepEqual(parts.losses, whole.losses);
    t.deepEqual(cut.factors, whole.factors);
    t.deepEqual(cut.losses, whole.losses);
  },
);
