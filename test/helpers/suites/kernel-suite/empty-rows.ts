import test from 'ava';
import { factorSpans, joinSpans } from '../../../../src/training/factor-spans.js';
import type { WholeJob } from '../../../../src/training/job.js';
import { ratingsOf } from '../../builders/jobs.js';
import { type TestedKernel, train } from './tested-kernel.js';

/** Rows without ratings, and padding. */
export function testsEmptyRows({ kernel, solvers, title }: TestedKernel): void {
  test(title('rows without ratings become zero, and padding stays zero'), async (t) => {
    const ratings = ratingsOf(
      [
        [0, 0, 1],
        [2, 1, 3],
        [2, 0, 2],
      ],
      4,
      3,
    );
    for (const solver of solvers) {
      const { users, items, job } = await train(kernel, ratings, {
        rank: 5,
        solver,
        iterations: 2,
      });

      t.deepEqual(users[1], [0, 0, 0, 0, 0]);
      t.deepEqual(users[3], [0, 0, 0, 0, 0]);
      t.deepEqual(items[2], [0, 0, 0, 0, 0]);
      t.true(users[2]!.some((element) => element !== 0));
      t.deepEqual(paddingOf(job), []);
    }
  });

  test(title('rows without ratings have no bias, and what is pinned stays 1'), async (t) => {
    const ratings = ratingsOf(
      [
        [0, 0, 1],
        [2, 1, 3],
        [2, 0, 2],
      ],
      4,
      3,
    );
    for (const solver of solvers) {
      const options = { rank: 2, solver, feedback: 'explicit', iterations: 3 } as const;
      const { users, items, job } = await train(kernel, ratings, options);

      t.deepEqual(users[1], [0, 0, 0, 1]);
      t.deepEqual(users[3], [0, 0, 0, 1]);
      t.deepEqual(items[2], [0, 0, 1, 0]);
      for (const [x0, x1, bias, pinned] of [users[0]!, users[2]!]) {
        t.is(pinned, 1);
        t.true([x0, x1, bias].every(Number.isFinite) && bias !== 0);
      }
      for (const y of items) t.is(y[2], 1);
      t.deepEqual(paddingOf(job), []);
    }
  });
}

/** Every element of the last factors that pads a row and is not zero. */
function paddingOf(job: WholeJob): number[] {
  const { rank, stride } = job.layout;
  return (['user', 'item'] as const).flatMap((side) =>
    Array.from(joinSpans(factorSpans(job, side, job.settings.schedule.iterations))).filter(
      (element, i) => i % stride >= rank && element !== 0,
    ),
  );
}
