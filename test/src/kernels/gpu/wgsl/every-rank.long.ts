import test from 'ava';
import { deviceKernel } from '../../../../../src/kernels/gpu/device-kernel.js';
import type { WgslSettings } from '../../../../../src/kernels/gpu/wgsl/settings.js';
import { wgslProgram } from '../../../../../src/kernels/gpu/wgsl/wgsl-program.js';
import { referenceKernel } from '../../../../../src/kernels/reference.js';
import { randomAt } from '../../../../../src/random.js';
import type { JobOptions } from '../../../../../src/training/options.js';
import { factorsOf, ratingsOf, relativeError } from '../../../../helpers/jobs.js';
import { kernelSuite } from '../../../../helpers/kernel-suite.js';
import { openKernel, runKernel } from '../../../../helpers/open-kernel.js';
import { anyGpu, testOnGpu } from '../../../../helpers/software-gpu.js';

if (anyGpu) {
  kernelSuite(deviceKernel(wgslProgram(anyGpu), { deadline: 1000 }), 2e-4, ['cg']);
} else {
  test.skip('gpu-wgsl: this machine has no adapter', () => {});
}

/** Users with 0 to 5,000 ratings, each about half of the one before. */
const counts = [5000, 2600, 1300, 700, 300, 150, 70, 30, 10, 3, 1, 0];

function skewedRatings() {
  const cells: [number, number, number][] = [];
  for (const [user, count] of counts.entries()) {
    for (let item = 0; item < 5000; item++) {
      if (randomAt(11, user, 2 * item) * 5000 >= count) continue;
      cells.push([user, item, 1 + Math.floor(5 * randomAt(11, user, 2 * item + 1))]);
    }
  }
  return ratingsOf(cells, counts.length, 5003);
}

async function train(kernel: Parameters<typeof openKernel>[0], options: JobOptions) {
  const open = await openKernel(kernel, skewedRatings(), {
    alpha: options.feedback === 'explicit' ? 0 : 2,
    regularization: 10,
    ...options,
  });
  try {
    const { reports } = await runKernel(open);
    const { iterations } = open.job.options;
    const [users, items] = [
      factorsOf(open.job, 'user', iterations),
      factorsOf(open.job, 'item', iterations),
    ];
    return { users, items, loss: reports.at(-1)!.loss.total };
  } finally {
    await open.close();
  }
}

const onGpu = (settings: WgslSettings) =>
  deviceKernel(wgslProgram(anyGpu!, settings), { deadline: 1000 });

for (const rank of [1, 8, 20, 64, 100, 128, 256]) {
  // Without them lavapipe takes minutes for the wide ranks; 256 has more lanes than its subgroups anyway.
  for (const subgroups of rank === 8 || rank === 20 ? [true, false] : [true]) {
    const how = subgroups ? 'with' : 'without';
    testOnGpu(`rank ${rank} ${how} subgroups is the reference's after 10 iterations`, async (t) => {
      const options = { rank, iterations: 10 };

      const found = await train(onGpu({ subgroups }), options);

      const expected = await train(referenceKernel, options);
      t.true(relativeError(found.users, expected.users) <= 1e-3, 'user factors');
      t.true(relativeError(found.items, expected.items) <= 1e-3, 'item factors');
      t.true(Math.abs(found.loss / expected.loss - 1) <= 1e-4, 'loss');
    });
  }
}

testOnGpu(
  'what a real GPU is given is the reference’s too, and the number ahead changes no bit',
  async (t) => {
    const options = { rank: 20, iterations: 2 };
    const workgroupBytes = 32 * 1024;

    const found = await train(onGpu({ rows: 8, ahead: 2, workgroupBytes }), options);
    const one = await train(onGpu({ rows: 8, ahead: 1, workgroupBytes }), options);
    const small = await train(onGpu({ rows: 8, ahead: 2, workgroupBytes: 16 * 1024 }), options);

    const expected = await train(referenceKernel, options);
    for (const each of [found, small]) {
      t.true(relativeError(each.users, expected.users) <= 2e-4);
      t.true(relativeError(each.items, expected.items) <= 2e-4);
    }
    t.deepEqual(one, found);
  },
);
