import { DeviceError } from '../../../../src/errors.js';
import { openGpu } from '../../../../src/kernels/gpu/device/open-gpu.js';
import { gpuKernel } from '../../../../src/kernels/gpu/gpu-kernel.js';
import { programNamed } from '../../../../src/kernels/gpu/program-named.js';
import type { JobLayout } from '../../../../src/kernels/job-layout.js';
import { createJob, type WholeJob } from '../../../../src/training/job.js';
import { PhaseReducer } from '../../../../src/training/phase-reducer.js';
import { phasesOf, tasksOf } from '../../../../src/training/phases.js';
import { settingsAsInPaper } from '../../../helpers/builders/as-in-paper.js';
import { factorsOf, randomRatings } from '../../../helpers/builders/jobs.js';
import { testOnGpu } from '../../../helpers/builders/software-gpu.js';

/** What a program must do with a device beside what a kernel must compute. */
for (const name of ['gpu-wgsl', 'gpu-gpujs'] as const) {
  const shape = { users: 70, items: 50, density: 0.2 };
  const settings = settingsAsInPaper({ rank: 6, iterations: 2, blocks: 5 });

  const prepare = async () => {
    const gpu = await openGpu({ software: true });
    const kernel = gpuKernel(await programNamed(name, gpu));
    const ratings = randomRatings(shape);
    const job = createJob({ kernel, ratings, settings, slots: 1 });
    return { gpu, job, solver: await kernel.open(job.layout) };
  };

  testOnGpu(`${name}: a block's rows do not depend on what goes with it`, async (t) => {
    const together = await prepare();
    const apart = await prepare();
    t.teardown(() => Promise.all([together.solver.close(), apart.solver.close()]));

    for (const { job, solver } of [together, apart]) {
      const reducer = new PhaseReducer(job);
      for (const phase of phasesOf(job)) {
        const sums = [];
        const tasks = tasksOf(job.layout, phase);
        if (solver === together.solver) {
          sums.push(...(await Promise.all(tasks.map((task) => solver.run(task)))));
        } else {
          // Against the order, each alone, and the last one twice.
          for (const task of [tasks.at(-1)!, ...tasks.toReversed()]) {
            sums[task.block] = await solver.run(task);
          }
        }
        reducer.close(
          phase,
          sums.map((sum) => sum!.sums),
        );
      }
    }

    for (const side of ['user', 'item'] as const) {
      t.deepEqual(factorsOf(apart.job, side, 2), factorsOf(together.job, side, 2));
    }
  });

  testOnGpu(`${name}: closing in a batch leaves the job's memory as it is`, async (t) => {
    const { job, solver } = await prepare();
    const phase = { kind: 'solve', iteration: 1, side: 'user' } as const;
    const outcomes = Promise.allSettled(tasksOf(job.layout, phase).map((task) => solver.run(task)));
    // The batch begins in the turn after the tasks came.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const before = rowsWritten(job);

    await solver.close();

    for (const { status } of await outcomes) t.is(status, 'rejected');
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    t.is(rowsWritten(job), before);
  });

  testOnGpu(
    `${name}: a device that is lost in a batch writes nothing, and the next one works`,
    async (t) => {
      const { gpu, job, solver } = await prepare();
      const before = rowsWritten(job);
      const phase = { kind: 'solve', iteration: 1, side: 'user' } as const;
      const outcomes = Promise.allSettled(
        tasksOf(job.layout, phase).map((task) => solver.run(task)),
      );
      await new Promise(setImmediate);

      gpu.device.destroy();

      for (const outcome of await outcomes) {
        t.is(outcome.status, 'rejected');
        t.true((outcome as PromiseRejectedResult).reason instanceof DeviceError);
      }
      await solver.close();
      t.is(rowsWritten(job), before);
      const again = await prepare();
      t.not(again.gpu, gpu);
      t.truthy(await again.solver.run({ ...phase, block: 0 }));
      await again.solver.close();
    },
  );
}

/** What the first user phase writes, as text. */
function rowsWritten({ layout }: WholeJob): string {
  const { memory, user, stride }: JobLayout = layout;
  return Buffer.from(memory.buffer, user.factors[1], user.rowCount * stride * 4).toString('hex');
}
