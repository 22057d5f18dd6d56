import test from 'ava';
import { NumericalError } from '../../../src/errors.js';
import { elementView } from '../../../src/kernels/element-view.js';
import { referenceKernel } from '../../../src/kernels/reference/reference-kernel.js';
import { kernelNamed } from '../../../src/kernels/select/choose-kernel.js';
import { kernelsHere } from '../../../src/kernels/select/select-kernel.js';
import { normalAt, randomAt } from '../../../src/random.js';
import { runInPlace } from '../../../src/training/run-in-place.js';
import { openJob, randomRatings, ratingsOf } from '../../helpers/builders/jobs.js';
import { tryProblems } from '../../helpers/suites/try-problem.js';

for (const name of kernelsHere()) {
  test(`${name}: hostile problems give finite models or errors that say why`, (t) => {
    tryProblems(t, kernelNamed(name), 'hostile', { first: 0, count: 60 });
  });

  test(`${name}: ordinary problems never end with an error`, (t) => {
    t.is(tryProblems(t, kernelNamed(name), 'ordinary', { first: 0, count: 60 }), 0);
    // Of a single rating, which the mean explains: factors come to next to nothing.
    for (const first of [1117, 1255]) {
      t.is(tryProblems(t, kernelNamed(name), 'ordinary', { first, count: 1 }), 0);
    }
  });

  test(`${name}: without regularization the loss of the default solver falls`, (t) => {
    const ratings = randomRatings({ users: 120, items: 90, density: 0.15 });
    const options = { feedback: 'explicit', rank: 32, regularization: 0, iterations: 12 } as const;
    for (const cgSteps of name === 'reference' ? [10] : [3, 10]) {
      const { job, solver } = openJob(kernelNamed(name), ratings, { ...options, cgSteps });
      const losses = runInPlace(job, solver).map(({ loss }) => loss.total);
      for (let i = 1; i < losses.length; i++) {
        t.true(losses[i]! <= losses[i - 1]! * 1.0001 + 1e-6 * losses[0]!, `${losses}`);
      }
    }
  });

  // Users of an even number like items of an even number.
  for (const alpha of [1e3, 1e9, 6.4e10, 1e15, 1e30]) {
    test(`${name}: confidences of ${alpha} leave as good a model as small ones`, (t) => {
      const cells: [number, number, number][] = [];
      for (let user = 0; user < 60; user++) {
        for (let item = user % 2; item < 60; item += 2) {
          if (randomAt(3, user, item) < 0.3) cells.push([user, item, 1]);
        }
      }
      const options = { rank: 4, alpha, iterations: 10 };
      const ratings = ratingsOf(cells, 60, 60);
      const { job, solver } = openJob(kernelNamed(name), ratings, options);
      runInPlace(job, solver);
      // Exact solves reach 0.79 where all that counts is what is rated.
      t.true(shareOfOwn(job) > 0.85, `${shareOfOwn(job)}`);
    });
  }
}

test('a factor that is not a number ends the phase with an error that names the cause', (t) => {
  const ratings = randomRatings({ users: 9, items: 8, density: 0.5 });
  const { job, solver } = openJob(referenceKernel, ratings, { rank: 3, regularization: 0 });
  const { item } = job.layout;
  elementView(job.layout, item.factors[0], 3).fill(Number.NaN);

  const error = t.throws(() => runInPlace(job, solver), { instanceOf: NumericalError });

  t.is(error?.code, 'ERR_NUMERICAL');
  t.is(error?.side, 'item');
  t.regex(error!.message, /factors that are not finite.*regularization is 0: try 0\.01/);
});

test('a loss that rises ends the iteration with an error that names the cause', (t) => {
  const ratings = ratingsOf(
    [0, 1, 2, 3].map((user) => [user, user % 3, 5e6] as const),
    4,
    3,
  );
  const { job, solver } = openJob(referenceKernel, ratings, { rank: 2, iterations: 4, alpha: 2 });
  let tasks = 0;
  const overshoots = {
    ...solver,
    run(...given: Parameters<typeof solver.run>) {
      const sums = solver.run(...given)!;
      return ++tasks > 6 ? { ...sums, loss: 1000 * (1 + normalAt(1, 1, 1) ** 2) * 1e9 } : sums;
    },
  };

  const error = t.throws(() => runInPlace(job, overshoots), { instanceOf: NumericalError });

  t.regex(error!.message, /a loss that rose from .* to .*ratings reach 5000000: is this a time\?/);
  t.regex(error!.message, /alpha·rating reaches 10000000/);
  t.true(error!.iteration! > 1);
});

/** Share of the ten best items of every user that are of the user's own kind. */
function shareOfOwn(job: ReturnType<typeof openJob>['job']): number {
  const { stride, user, item } = job.layout;
  const generation = job.settings.schedule.iterations & 1;
  const view = (side: typeof user) =>
    elementView(job.layout, side.factors[generation as 0 | 1], side.rowCount * stride);
  const [users, items] = [view(user), view(item)];
  let own = 0;
  for (let row = 0; row < user.rowCount; row++) {
    const scores = Array.from({ length: item.rowCount }, (_, column) => {
      let score = 0;
      for (let i = 0; i < stride; i++)
        score += users[row * stride + i]! * items[column * stride + i]!;
      return { score, id: job.ratings.items.positions[column]! };
    });
    scores.sort((a, b) => b.score - a.score);
    const kind = job.ratings.users.positions[row]! % 2;
    own += scores.slice(0, 10).filter(({ id }) => id % 2 === kind).length;
  }
  return own / (10 * user.rowCount);
}
