import test from 'ava';
import { SingularSystemError } from '../../../../src/errors.js';
import type { Ratings } from '../../../../src/ratings/ratings.js';
import type { WholeJob } from '../../../../src/training/job.js';
import type { JobOptions } from '../../../../src/training/options.js';
import { randomRatings, ratingsOf } from '../../builders/jobs.js';
import { small, type TestedKernel, train } from './tested-kernel.js';

/** Exact solvers leave no gradient, and refuse what is singular. */
export function testsExactSolves({ kernel, tolerance, solvers, title }: TestedKernel): void {
  const exact = solvers.includes('cholesky');
  const solvesExactly = test.macro({
    async exec(t, options: JobOptions) {
      const ratings = randomRatings(small);
      const settings = { rank: 5, iterations: 1, solver: 'cholesky', ...options } as const;

      const { users, items, job } = await train(kernel, ratings, settings, {
        phaseOrder: ['item', 'user'],
      });

      // Independent of the kernels: the gradient of the objective over every cell, written densely.
      const { alpha, unobservedWeight, objective } = job.settings.loss;
      const { nonnegative } = job.settings.solver;
      const { offset } = job.layout.weighting;
      const { pinned } = job.layout.user;
      const explicit = job.settings.loss.feedback === 'explicit';
      const cells = denseOf(job);
      for (const [user, x] of users.entries()) {
        const lambda =
          job.settings.loss.regularization *
          cells[user]!.count ** job.settings.loss.regularizationExponent;
        const gradient = x.map((element) => lambda * element);
        let scale = 1e-30;
        for (const [item, y] of items.entries()) {
          const rating = cells[user]!.ratings[item];
          const weight = rating === undefined ? unobservedWeight : 1 + alpha * rating;
          const target = rating === undefined ? 0 : explicit ? rating - offset : 1;
          const prediction = x.reduce((sum, element, i) => sum + element * y[i]!, 0);
          const background = objective === 'ials' && rating !== undefined ? unobservedWeight : 0;
          for (const [i, element] of y.entries()) {
            gradient[i]! += weight * (prediction - target) * element;
            gradient[i]! += background * prediction * element;
            scale = Math.max(scale, Math.abs(weight * target * element));
          }
        }
        for (const [i, slope] of gradient.entries()) {
          const at = `user ${user}, coordinate ${i}`;
          if (i === pinned) t.is(x[i], 1);
          else if (nonnegative && x[i] === 0) t.true(slope >= -10 * tolerance * scale, at);
          else t.true(Math.abs(slope) <= 10 * tolerance * scale, at);
        }
        if (nonnegative) t.true(Math.min(...x) >= 0);
      }
      for (const y of items) {
        if (nonnegative) t.true(Math.min(...y) >= 0);
      }
    },
    title,
  });
  if (exact) {
    test('cholesky leaves no gradient', solvesExactly, {});
    test('cholesky leaves no gradient with an unobserved weight', solvesExactly, {
      unobservedWeight: 0.1,
    });
    test('cholesky leaves no gradient with ALS-WR', solvesExactly, { regularizationExponent: 1 });
    test('cholesky leaves no gradient with explicit feedback', solvesExactly, {
      feedback: 'explicit',
      biases: false,
      globalMean: false,
    });
    test('cholesky leaves no gradient with biases', solvesExactly, { feedback: 'explicit' });
    test('cholesky leaves no gradient with the objective of iALS', solvesExactly, {
      objective: 'ials',
      unobservedWeight: 0.1,
    });
    for (const rank of [1, 5, 20]) {
      for (const feedback of ['implicit', 'explicit'] as const) {
        const title = `nonnegative rows meet the conditions of KKT with ${feedback} feedback, rank ${rank}`;
        test(title, solvesExactly, { feedback, rank, nonnegative: true, regularization: 1 });
      }
    }
    test('nonnegative rows meet the conditions of KKT without regularization', solvesExactly, {
      nonnegative: true,
      regularization: 0,
      rank: 8,
    });
  }

  for (const solver of solvers.filter((name) => name !== 'cg')) {
    test(title(`a singular system of ${solver} is refused with its row`), async (t) => {
      const ratings = ratingsOf(
        [
          [0, 0, 1],
          [0, 1, 1],
          [1, 0, 1],
          [1, 1, 1],
        ],
        2,
        2,
      );

      const error = await t.throwsAsync(
        train(kernel, ratings, { rank: 4, solver, regularization: 0 }),
        {
          instanceOf: SingularSystemError,
          code: 'ERR_SINGULAR_SYSTEM',
        },
      );

      t.is(error?.side, 'user');
    });
  }
}

/** Ratings by user position and item position. */
function denseOf({ ratings }: WholeJob): { count: number; ratings: (number | undefined)[] }[] {
  const { byUser, users, items } = ratings as Ratings;
  const rows: { count: number; ratings: (number | undefined)[] }[] = [];
  for (let row = 0; row < byUser.rowCount; row++) {
    const cells: (number | undefined)[] = new Array(byUser.columnCount).fill(undefined);
    for (let at = byUser.offsets[row]!; at < byUser.offsets[row + 1]!; at++) {
      cells[items.positions[byUser.columns[at]!]!] = byUser.ratings[at]!;
    }
    rows[users.positions[row]!] = {
      count: byUser.offsets[row + 1]! - byUser.offsets[row]!,
      ratings: cells,
    };
  }
  return rows;
}
