import test from 'ava';
import { referenceKernel } from '../../../../src/kernels/reference/reference-kernel.js';
import type { JobOptions } from '../../../../src/training/options.js';
import { randomRatings, relativeError, type Shape } from '../../builders/jobs.js';
import { near, small, type TestedKernel, train } from './tested-kernel.js';

/** Rows for the highest ranks, where the reference is slow. */
const few = { users: 5, items: 4, density: 0.7 } satisfies Shape;

/** Factors, errors and losses are those of the reference, whatever the shape and the options. */
export function testsAgreement({
  kernel,
  tolerance,
  solvers,
  takesRank,
  title,
}: TestedKernel): void {
  const exact = solvers.includes('cholesky');
  const agrees = test.macro({
    async exec(t, shape: Shape, options: JobOptions) {
      const ratings = randomRatings(shape);
      const alpha = options.feedback === 'explicit' ? 0 : 2;
      // Kernels are compared row by row, so rows stay in the basis that they come in.
      const settings = { regularization: 1, iterations: 2, alpha, balance: false, ...options };
      const actual = await train(kernel, ratings, settings);
      const expected = await train(referenceKernel, ratings, settings);

      t.true(relativeError(actual.users, expected.users) <= tolerance, 'user factors');
      t.true(relativeError(actual.items, expected.items) <= tolerance, 'item factors');
      for (const [i, report] of actual.reports.entries()) {
        const wanted = expected.reports[i]!;
        near(t, report.rmse, wanted.rmse, tolerance, 'rmse');
        near(t, report.mae, wanted.mae, tolerance, 'mae');
        near(t, report.preferenceRmse, wanted.preferenceRmse, tolerance * 10, 'preferenceRmse');
        near(t, report.loss.total, wanted.loss.total, tolerance, 'loss');
      }
    },
    title,
  });

  for (const solver of solvers) {
    for (const rank of [1, 2, 3, 4, 5, 7, 8, 10, 15, 16, 20, 33, 64, 100, 128].filter(takesRank)) {
      test(`${solver} agrees with the reference at rank ${rank}`, agrees, small, { rank, solver });
    }
    for (const rank of [256, 511, 512].filter(takesRank)) {
      test(`${solver} agrees with the reference at rank ${rank}`, agrees, few, { rank, solver });
    }
    test(
      `${solver} agrees with rows of many ratings`,
      agrees,
      { users: 5, items: 700, density: 0.9 },
      { rank: 12, solver, regularization: 100 },
    );
    test(
      `${solver} agrees with many rows of few ratings`,
      agrees,
      { users: 900, items: 9, density: 0.1 },
      {
        rank: 6,
        solver,
      },
    );
    for (const [what, options] of [
      ['explicit feedback', { feedback: 'explicit', biases: false, globalMean: false }],
      ['explicit feedback around the mean', { feedback: 'explicit', biases: false }],
      ['biases alone', { feedback: 'explicit', globalMean: false }],
      ['an unobserved weight and ALS-WR', { unobservedWeight: 0.3, regularizationExponent: 1 }],
      ['the objective of iALS', { objective: 'ials', unobservedWeight: 0.3, alpha: 0 }],
      ['the objective of iALS and confidences', { objective: 'ials', unobservedWeight: 0.3 }],
    ] as const) {
      test(`${solver} agrees with ${what}`, agrees, small, { rank: 6, solver, ...options });
    }
    // Item rows pin coordinate `rank`, which begins a subspace at 8 and at 32, user rows the next one.
    for (const rank of [1, 2, 3, 6, 7, 8, 14, 30, 31, 32, 62, 64, 510, 512].filter(takesRank)) {
      test(`${solver} agrees with biases at rank ${rank}`, agrees, rank < 100 ? small : few, {
        rank,
        solver,
        feedback: 'explicit',
        subspaceSize: rank < 20 ? 8 : 32,
      });
    }
    test(
      `${solver} agrees with biases of rows of many ratings`,
      agrees,
      { users: 5, items: 700, density: 0.9 },
      { rank: 12, solver, feedback: 'explicit', regularizationExponent: 1, regularization: 0.1 },
    );
  }
  const exactRanks = exact ? [1, 2, 3, 4, 5, 8, 13, 20, 64, 128].filter(takesRank) : [];
  for (const rank of exactRanks) {
    for (const feedback of ['implicit', 'explicit'] as const) {
      test(`nonnegative rows agree with ${feedback} feedback at rank ${rank}`, agrees, small, {
        rank,
        feedback,
        nonnegative: true,
      });
    }
  }
  for (const cgSteps of [1, 2, 5, 20]) {
    test(`cg agrees with the reference after ${cgSteps} steps`, agrees, small, {
      rank: 9,
      cgSteps,
    });
  }

  test('cg agrees with the reference where rows go furthest beyond', agrees, small, {
    rank: 9,
    iterations: 8,
  });

  test(title('rows of cg come to the exact solution as steps grow'), async (t) => {
    const ratings = randomRatings(small);
    const settings = { rank: 9, alpha: 2, regularization: 1, iterations: 1, balance: false };
    const exactly = await train(referenceKernel, ratings, { ...settings, solver: 'cholesky' });
    const errors = [];
    for (const cgSteps of [1, 2, 4, 8, 24]) {
      const { users } = await train(kernel, ratings, { ...settings, cgSteps });
      errors.push(relativeError(users, exactly.users));
    }

    t.true(errors[0]! > 2 * errors[2]! && errors[2]! > 2 * errors[3]!, `${errors}`);
    t.true(errors.at(-1)! <= 10 * tolerance, `${errors}`);
  });

  if (solvers.includes('subspace')) {
    for (const subspaceSize of [8, 16, 24, 64, 128]) {
      test(
        `subspace agrees with the reference at ${subspaceSize} dimensions together`,
        agrees,
        small,
        {
          rank: 141,
          solver: 'subspace',
          subspaceSize,
        },
      );
    }
    test('subspace agrees with the reference above the other solvers’ highest rank', agrees, few, {
      rank: 600,
      solver: 'subspace',
      subspaceSize: 128,
    });

    test(title('one subspace with all dimensions is an exact solve'), async (t) => {
      const ratings = randomRatings(small);
      const settings = { rank: 30, alpha: 2, regularization: 1, iterations: 2, balance: false };

      const subspace = await train(kernel, ratings, {
        ...settings,
        solver: 'subspace',
        subspaceSize: 32,
      });
      const cholesky = await train(kernel, ratings, { ...settings, solver: 'cholesky' });

      t.true(relativeError(subspace.users, cholesky.users) <= tolerance);
      t.true(relativeError(subspace.items, cholesky.items) <= tolerance);
    });
  }

  test(
    'one row with every rating agrees with the reference',
    agrees,
    { users: 2, items: 5000, density: 1 },
    { rank: 8, regularization: 100 },
  );
}
