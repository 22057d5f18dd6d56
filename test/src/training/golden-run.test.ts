import test from 'ava';
import { referenceKernel } from '../../../src/kernels/reference/reference-kernel.js';
import { runInPlace } from '../../../src/training/run-in-place.js';
import { goldenRun } from '../../helpers/builders/golden-run.js';
import { factorsOf, openJob, ratingsOf } from '../../helpers/builders/jobs.js';

test('the reference kernel reproduces the golden run', (t) => {
  const ratings = ratingsOf(goldenRun.ratings, goldenRun.users, goldenRun.items);
  const { job, solver } = openJob(referenceKernel, ratings, {
    rank: goldenRun.factors,
    iterations: goldenRun.iterations,
    regularization: goldenRun.regularization,
    alpha: goldenRun.alpha,
    solver: 'cholesky',
    initialFactors: {
      userFactors: Float64Array.from(goldenRun.X0.flat()),
      itemFactors: Float64Array.from(goldenRun.Y0.flat()),
    },
  });

  const reports = runInPlace(job, solver);

  t.is(reports.length, goldenRun.history.length);
  for (const [i, expected] of goldenRun.history.entries()) {
    const { rmse, mae, preferenceRmse, loss } = reports[i]!;
    const actual = { rmse, mae, preferenceRmse, loss: loss.total };
    for (const name of ['rmse', 'mae', 'preferenceRmse', 'loss'] as const) {
      const error = Math.abs(actual[name] - expected[name]) / expected[name];
      t.true(error <= 1e-9, `${name} of iteration ${expected.iteration}: relative error ${error}`);
    }
  }
  for (const [side, expected] of [
    ['user', goldenRun.X],
    ['item', goldenRun.Y],
  ] as const) {
    const actual = factorsOf(job, side, goldenRun.iterations);
    for (const [row, factors] of expected.entries()) {
      for (const [i, factor] of factors.entries()) {
        t.true(Math.abs(actual[row]![i]! - factor) <= 1e-8, `${side} ${row}, factor ${i}`);
      }
    }
  }
});
