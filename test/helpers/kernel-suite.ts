import test from 'ava';
import { SingularSystemError } from '../../src/errors.js';
import { elementView } from '../../src/kernels/element-view.js';
import type { ErrorSums, GpuKernel, Kernel, Solver } from '../../src/kernels/kernel.js';
import { referenceKernel } from '../../src/kernels/reference/reference-kernel.js';
import type { Ratings } from '../../src/ratings/ratings.js';
import type { Job } from '../../src/training/job.js';
import type { JobOptions } from '../../src/training/options.js';
import { PhaseReducer } from '../../src/training/phase-reducer.js';
import { phasesOf, tasksOf } from '../../src/training/phases.js';
import { viewFactors } from '../../src/training/view-factors.js';
import {
  factorsOf,
  randomRatings,
  ratingsOf,
  relativeError,
  type Shape,
  withhold,
} from './jobs.js';
import { openKernel, runKernel } from './open-kernel.js';

/** What a kernel of the processor solves by. */
const everySolver = ['cg', 'cholesky', 'subspace'] as const;

/**
 * The contract of a kernel. Every implementation runs it.
 *
 * @param tolerance of factors, relative in the Frobenius norm, after two iterations of a
 * well-conditioned problem; sums and losses are held to the same
 * @param solvers what the kernel solves by; one of a device has `cg` only
 * @param takesRank which of the ranks are tried; a driver can be slow to compile for each
 */
export function kernelSuite(
  kernel: Kernel | GpuKernel,
  tolerance: number,
  solvers: readonly Solver[] = everySolver,
  takesRank: (rank: number) => boolean = () => true,
): void {
  const exact = solvers.includes('cholesky');
  const title = (provided?: string) => `${kernel.name}: ${provided}`;

  const agrees = test.macro({
    async exec(t, shape: Shape, options: JobOptions) {
      const ratings = randomRatings(shape);
      const alpha = options.feedback === 'explicit' ? 0 : 2;
      const settings = { regularization: 1, iterations: 2, alpha, ...options };
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

  const small = { users: 37, items: 23, density: 0.2 };
  for (const solver of solvers) {
    for (const rank of [1, 2, 3, 4, 5, 7, 8, 10, 15, 16, 20, 33, 64, 100, 128].filter(takesRank)) {
      test(`${solver} agrees with the reference at rank ${rank}`, agrees, small, { rank, solver });
    }
    for (const rank of [256, 511, 512].filter(takesRank)) {
      test(
        `${solver} agrees with the reference at rank ${rank}`,
        agrees,
        { ...small, users: 9 },
        {
          rank,
          solver,
        },
      );
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
      test(
        `${solver} agrees with biases at rank ${rank}`,
        agrees,
        rank < 100 ? small : { ...small, users: 9 },
        { rank, solver, feedback: 'explicit', subspaceSize: rank < 20 ? 8 : 32 },
      );
    }
    test(
      `${solver} agrees with biases of rows of many ratings`,
      agrees,
      { users: 5, items: 700, density: 0.9 },
      { rank: 12, solver, feedback: 'explicit', regularizationExponent: 1, regularization: 0.1 },
    );
  }
  for (const rank of exact ? [1, 2, 3, 4, 5, 8, 13, 20, 64, 128] : []) {
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

  for (const [what, options] of [
    ['explicit feedback', { feedback: 'explicit', biases: false, globalMean: false }],
    ['biases', { feedback: 'explicit' }],
    ['observed cells alone', { unobservedWeight: 0, alpha: 2 }],
  ] as const) {
    test(title(`cg stops where curvature is rounding error, with ${what}`), async (t) => {
      // Two ratings a row: two steps solve a row of rank 16 (three with a bias), the others see rounding.
      const ratings = ratingsOf(
        Array.from(
          { length: 60 },
          (_, n) => [n >> 1, ((n >> 1) + (n & 1)) % 30, 1 + (n % 5)] as const,
        ),
        30,
        30,
      );
      const settings = { rank: 16, regularization: 0, iterations: 1, ...options };

      for (const cgSteps of [3, 10, 40]) {
        const { reports } = await train(kernel, ratings, { ...settings, cgSteps });
        // 8e-6 at most was measured; without the guard WASM comes to a loss between 6e4 and 9e14.
        t.true(Math.abs(reports[0]!.loss.total) <= 1e-4, `${cgSteps}: ${reports[0]!.loss.total}`);
      }
    });
  }

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
    test(
      'subspace agrees with the reference above the other solvers’ highest rank',
      agrees,
      { users: 5, items: 4, density: 0.7 },
      { rank: 600, solver: 'subspace', subspaceSize: 128 },
    );

    test(title('one subspace with all dimensions is an exact solve'), async (t) => {
      const ratings = randomRatings(small);
      const settings = { rank: 30, alpha: 2, regularization: 1, iterations: 2 };

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

  const solvesExactly = test.macro({
    async exec(t, options: JobOptions) {
      const ratings = randomRatings(small);
      const settings = { rank: 5, iterations: 1, solver: 'cholesky', ...options } as const;

      const { users, items, job } = await train(kernel, ratings, settings, {
        phaseOrder: ['item', 'user'],
      });

      // Independent of the kernels: the gradient of the objective over every cell, written densely.
      const { alpha, unobservedWeight, objective, nonnegative } = job.options;
      const { offset } = job.layout.weighting;
      const { pinned } = job.layout.user;
      const explicit = job.options.feedback === 'explicit';
      const cells = denseOf(job);
      for (const [user, x] of users.entries()) {
        const lambda =
          job.options.regularization * cells[user]!.count ** job.options.regularizationExponent;
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

  test(
    'one row with every rating agrees with the reference',
    agrees,
    { users: 2, items: 5000, density: 1 },
    { rank: 8, regularization: 100 },
  );

  test(title('sums are those of the cells, withheld ones apart'), async (t) => {
    const ratings = ratingsOf(
      [
        [0, 0, 1],
        [0, 1, 5],
        [1, 1, 3],
        [2, 0, 2],
        [2, 2, 4],
      ],
      3,
      3,
    );
    const heldOut = withhold(ratings, [
      [0, 2, 5],
      [1, 0, 2],
    ]);

    const { job, sums, users, items } = await train(
      kernel,
      ratings,
      { rank: 2, alpha: 3, iterations: 1 },
      { heldOut },
    );

    const expected = sumsOf([
      [0, 0, 1],
      [0, 1, 5],
      [1, 1, 3],
      [2, 0, 2],
      [2, 2, 4],
    ]);
    const withheld = sumsOf([
      [0, 2, 5],
      [1, 0, 2],
    ]);
    for (const name of Object.keys(expected) as (keyof ErrorSums)[]) {
      near(t, sums[name], expected[name], tolerance, name);
      near(t, sums.heldOut[name], withheld[name], tolerance, `withheld ${name}`);
    }
    const squares = items.flat().reduce((sum, y) => sum + y * y, 0);
    near(t, sums.regularization, job.options.regularization * squares, tolerance, 'regularization');

    function sumsOf(cells: readonly (readonly [number, number, number])[]): ErrorSums {
      const total = {
        squared: 0,
        absolute: 0,
        squaredPreference: 0,
        loss: 0,
        squaredPrediction: 0,
      };
      for (const [user, item, rating] of cells) {
        const d = users[user]!.reduce((sum, x, i) => sum + x * items[item]![i]!, 0);
        total.squared += (rating - d) ** 2;
        total.absolute += Math.abs(rating - d);
        total.squaredPreference += (1 - d) ** 2;
        total.loss += (1 + 3 * rating) * (1 - d) ** 2;
        total.squaredPrediction += d ** 2;
      }
      return total;
    }
  });

  test(title('sums with biases are against the ratings as they came'), async (t) => {
    const cells = [
      [0, 0, 1],
      [0, 1, 5],
      [1, 1, 3],
      [2, 0, 2],
      [2, 2, 5],
    ] as const;
    const ratings = ratingsOf(cells, 3, 3);
    const options = { rank: 2, feedback: 'explicit', regularization: 0.5, iterations: 2 } as const;

    const { job, sums, users, items } = await train(kernel, ratings, options, {
      heldOut: withhold(ratings, cells),
    });

    const mean = (1 + 5 + 3 + 2 + 5) / 5;
    near(t, job.layout.weighting.offset, mean, 1e-15, 'mean');
    let [squared, absolute] = [0, 0];
    for (const [user, item, rating] of cells) {
      const [x, y] = [users[user]!, items[item]!];
      const error = rating - (mean + x[0]! * y[0]! + x[1]! * y[1]! + x[2]! + y[3]!);
      squared += error ** 2;
      absolute += Math.abs(error);
    }
    for (const found of [sums, sums.heldOut]) {
      near(t, found.squared, squared, tolerance, 'squared');
      near(t, found.loss, squared, tolerance, 'loss');
      near(t, found.absolute, absolute, tolerance, 'absolute');
    }
    const squares = items.reduce((sum, [a, b, , bias]) => sum + a! ** 2 + b! ** 2 + bias! ** 2, 0);
    near(t, sums.regularization, 0.5 * squares, tolerance, 'regularization');
  });

  test(title('a row is the same to the last bit in any block'), async (t) => {
    const ratings = randomRatings({ users: 60, items: 40, density: 0.3 });
    for (const solver of solvers) {
      const one = await openKernel(kernel, ratings, { rank: 13, solver, blocks: 1 });
      const seven = await openKernel(kernel, ratings, { rank: 13, solver, blocks: 7 });
      const [gram, userPhase] = [...phasesOf(one.job.layout, 1)];
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
    for (const phase of phasesOf(job.layout, 15)) {
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

async function train(
  kernel: Kernel | GpuKernel,
  ratings: Ratings,
  options: JobOptions,
  more: Parameters<typeof openKernel>[3] = {},
) {
  const opened = await openKernel(kernel, ratings, options, more);
  const { job } = opened;
  const { reports, sums } = await runKernel(opened);
  await opened.close();
  const { iterations } = job.options;
  const users = factorsOf(job, 'user', iterations);
  const items = factorsOf(job, 'item', iterations);
  return { job, reports, users, items, sums };
}

function near(
  t: { true(actual: boolean, message: string): unknown },
  actual: number,
  expected: number,
  tolerance: number,
  what: string,
): void {
  const within = Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));
  t.true(within, `${what}: ${actual} instead of ${expected}`);
}

/** Ratings by user position and item position. */
function denseOf({ ratings }: Job): { count: number; ratings: (number | undefined)[] }[] {
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

function gramOf({ layout }: Job): Float32Array | Float64Array {
  return elementView(layout, layout.gram, layout.stride ** 2);
}

/** Every element of the last factors that pads a row and is not zero. */
function paddingOf(job: Job): number[] {
  const { rank, stride } = job.layout;
  return (['user', 'item'] as const).flatMap((side) =>
    Array.from(viewFactors(job, side, job.options.iterations)).filter(
      (element, i) => i % stride >= rank && element !== 0,
    ),
  );
}
