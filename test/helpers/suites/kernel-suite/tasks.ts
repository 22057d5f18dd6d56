import test from 'ava';
import { elementView } from '../../../../src/kernels/element-view.js';
import type { WholeJob } from '../../../../src/training/job.js';
import { PhaseReducer } from '../../../../src/training/phase-reducer.js';
import { phasesOf, tasksOf } from '../../../../src/training/phases.js';
import { factorsOf, randomRatings } from '../../builders/jobs.js';
import { openKernel } from '../../probes/open-kernel.js';
import { small, type TestedKernel, train } from './tested-kernel.js';

/** Tasks can be cut, repeated and stopped. */
export function testsTasks({ kernel, solvers, title }: TestedKernel): void {
  test(title('a row is the same to the last bit in any block'), async (t) => {
    const ratings = randomRatings({ users: 60, items: 40, density: 0.3 });
    for (const solver of solvers) {
      const one = await openKernel(kernel, ratings, { rank: 13, solver, blocks: 1 });
      const seven = await openKernel(kernel, ratings, { rank: 13, solver, blocks: 7 });
      const [gram, userPhase] = [...phasesOf(one.job, 1)];
      const gramSums = await one.run(tasksOf(one.job.layout, gram!));
      new PhaseReducer(one.job).close(
        gram!,
        gramSums.map((sums) => sums!),
      );
      // Seven blocks would add the same Gram matrix in another order.
      gramOf(seven.job).set(gramOf(one.job));

      await one.run(tasksOf(one.job.layout, userPhase!));
      await seven.run(tasksOf(seven.job.layout, userPhase!));

      t.deepEqual(factorsOf(seven.job, 'user', 1), factorsOf(one.job, 'user', 1));
      await Promise.all([one.close(), seven.close()]);
    }
  });

  test(title('a task can be repeated, alone or with others'), async (t) => {
    const ratings = randomRatings(small);
    const once = await train(kernel, ratings, { rank: 6, blocks: 3 });
    const opened = await openKernel(kernel, ratings, { rank: 6, blocks: 3 });
    const { job } = opened;
    const reducer = new PhaseReducer(job);
    for (const phase of phasesOf(job, 15)) {
      const tasks = tasksOf(job.layout, phase);
      for (const task of tasks) await opened.run([task]);
      const sums = await opened.run(tasks);
      reducer.close(
        phase,
        sums.map((sum) => sum!),
      );
    }
    await opened.close();
    t.deepEqual(factorsOf(job, 'item', 15), once.items);
  });

  test(title('a raised stop flag ends a task without a result'), async (t) => {
    const { job, run, close } = await openKernel(kernel, randomRatings(small), { rank: 4 });
    new Int32Array(job.layout.memory.buffer, job.layout.stopFlag, 1)[0] = 1;

    t.deepEqual(await run([{ kind: 'solve', iteration: 1, side: 'user', block: 0 }]), [undefined]);
    await close();
  });
}

function gramOf({ layout }: WholeJob): Float32Array | Float64Array {
  return elementView(layout, layout.gram, layout.stride ** 2);
}
