import test from 'ava';
import { gpuKernel } from '../../../../../src/kernels/gpu/gpu-kernel.js';
import type { WgslSettings } from '../../../../../src/kernels/gpu/wgsl/settings.js';
import { wgslProgram } from '../../../../../src/kernels/gpu/wgsl/wgsl-program.js';
import { referenceKernel } from '../../../../../src/kernels/reference/reference-kernel.js';
import { relativeError } from '../../../../helpers/builders/jobs.js';
import { anyGpu, testOnGpu } from '../../../../helpers/builders/software-gpu.js';
import { accuracySuite, trainOnSkewed } from '../../../../helpers/suites/accuracy-suite.js';

const onGpu = (settings: WgslSettings) =>
  gpuKernel(wgslProgram(anyGpu!, settings), { deadline: 1000 });

if (anyGpu) {
  // lavapipe takes minutes for the wide ranks, and without subgroups for all of them.
  const implicit = { feedbacks: ['implicit'] } as const;
  accuracySuite(onGpu({ subgroups: true }), implicit);
  accuracySuite(onGpu({ subgroups: true }), { feedbacks: ['explicit'], ranks: [1, 8, 20, 64] });
  const how = ' without subgroups';
  accuracySuite(onGpu({ subgroups: false }), { ...implicit, ranks: [8, 20], how });
} else {
  test.skip('gpu-wgsl: this machine has no adapter', () => {});
}

testOnGpu(
  'what a real GPU is given is the reference’s too, and the number ahead changes no bit',
  async (t) => {
    const options = { rank: 20, iterations: 2 };
    const workgroupBytes = 32 * 1024;

    const found = await trainOnSkewed(onGpu({ rows: 8, ahead: 2, workgroupBytes }), options);
    const one = await trainOnSkewed(onGpu({ rows: 8, ahead: 1, workgroupBytes }), options);
    const small = await trainOnSkewed(
      onGpu({ rows: 8, ahead: 2, workgroupBytes: 16 * 1024 }),
      options,
    );

    const expected = await trainOnSkewed(referenceKernel, options);
    for (const each of [found, small]) {
      t.true(relativeError(each.users, expected.users) <= 2e-4);
      t.true(relativeError(each.items, expected.items) <= 2e-4);
    }
    t.deepEqual(one, found);
  },
);
