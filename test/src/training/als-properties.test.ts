import test from 'ava';
import fc from 'fast-check';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { referenceKernel } from '../../../src/kernels/reference/reference-kernel.js';
import { wasmKernel } from '../../../src/kernels/wasm/wasm-kernel.js';
import { normalAt, randomAt } from '../../../src/random.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import type { Job } from '../../../src/training/job.js';
import type { JobOptions } from '../../../src/training/options.js';
import { PhaseReducer } from '../../../src/training/phase-reducer.js';
import { phasesOf, tasksOf } from '../../../src/training/phases.js';
import { runInPlace } from '../../../src/training/run-in-place.js';
import {
  factorsOf,
  openJob,
  randomRatings,
  ratingsOf,
  relativeError,
  withhold,
} from '../../helpers/builders/jobs.js';

type Cell = readonly [user: number, item: number, rating: number];

test('the loss never rises over a phase of exact solves, whole or by subspaces', (t) => {
  const cells = cellsOf(randomRatings({ users: 40, items: 30, density: 0.2 }));
  for (const options of [
    { alpha: 5 },
    { alpha: 5, unobservedWeight: 0.2, regularizationExponent: 1 },
    { alpha: 0, objective: 'ials', unobservedWeight: 0.2, regularizationExponent: 1 },
    { feedback: 'explicit' },
    { feedback: 'explicit', biases: false, regularizationExponent: 1 },
    { alpha: 5, solver: 'subspace' },
    { feedback: 'explicit', solver: 'subspace' },
    { alpha: 5, nonnegative: true },
    { feedback: 'explicit', nonnegative: true },
  ] as const) {
    const settings = {
      rank: 20,
      subspaceSize: 8,
      iterations: 4,
      regularization: 0.5,
      solver: 'cholesky',
      ...options,
    } as const;
    const { job, solver } = openJob(referenceKernel, ratingsOf(cells, 40, 30), settings);
    const reducer = new PhaseReducer(job);
    let before = Number.POSITIVE_INFINITY;
    for (const phase of phasesOf(job, 4)) {
      reducer.close(
        phase,
        tasksOf(job.layout, phase).map((task) => solver.run(task, 0)!),
      );
      if (phase.kind === 'gram') continue;
      const itemGeneration = phase.side === 'item' ? phase.iteration : phase.iteration - 1;
      const loss = denseLoss(
        cells,
        factorsOf(job, 'user', phase.iteration),
        factorsOf(job, 'item', itemGeneration),
        job,
      );
      t.true(loss <= before * (1 + 1e-12), `${phase.iteration} ${phase.side}: ${loss} > ${before}`);
      before = loss;
    }
  }
});

test('the loss never rises although rows go beyond where conjugate gradient leads', (t) => {
  const cells = cellsOf(randomRatings({ users: 40, items: 30, density: 0.2 }));
  for (const cgSteps of [1, 2, 5]) {
    for (const options of [
      { alpha: 5 },
      { alpha: 40, regularization: 1e-3 },
      { objective: 'ials', unobservedWeight: 0.2, regularizationExponent: 1 },
      { feedback: 'explicit' },
    ] as const) {
      const settings = { rank: 12, iterations: 20, regularization: 0.5, cgSteps, ...options };
      const { job, solver } = openJob(referenceKernel, ratingsOf(cells, 40, 30), settings);

      const losses = runInPlace(job, solver).map(({ loss }) => loss.total);

      t.true(job.settings.solver.overrelaxation);
      for (const [i, loss] of losses.entries()) {
        t.true(i === 0 || loss <= losses[i - 1]! * (1 + 1e-12), `${losses}`);
      }
    }
  }
});

test('going beyond and balancing take the loss further in as many iterations', (t) => {
  const ratings = randomRatings({ users: 120, items: 90, density: 0.15 });
  const lossWith = (options: JobOptions) => {
    const settings = { rank: 12, iterations: 10, regularization: 5, alpha: 5, ...options };
    const { job, solver } = openJob(referenceKernel, ratings, settings);
    return runInPlace(job, solver).at(-1)!.loss.total;
  };

  const both = lossWith({});

  t.true(both < lossWith({ overrelaxation: false }));
  t.true(both < lossWith({ balance: false }));
});

test('the reported loss is the objective summed over every cell', (t) => {
  const cells = cellsOf(randomRatings({ users: 40, items: 30, density: 0.2 }));
  for (const options of [
    { alpha: 5, unobservedWeight: 0.2 },
    { alpha: 5, unobservedWeight: 0.2, objective: 'ials' },
    { feedback: 'explicit' },
    { feedback: 'explicit', biases: false, globalMean: false },
    { feedback: 'explicit', nonnegative: true },
  ] as const) {
    const settings = {
      rank: 6,
      iterations: 2,
      regularization: 0.5,
      regularizationExponent: 1,
      ...options,
    };
    const { job, solver } = openJob(referenceKernel, ratingsOf(cells, 40, 30), settings);

    const reported = runInPlace(job, solver).at(-1)!.loss.total;

    const dense = denseLoss(cells, factorsOf(job, 'user', 2), factorsOf(job, 'item', 2), job);
    t.true(Math.abs(reported - dense) <= 1e-10 * dense);
  }
});

test('noise-free ratings of low rank are recovered, withheld ones too', (t) => {
  const [users, items, rank] = [60, 50, 3];
  const observed: Cell[] = [];
  const withheld: Cell[] = [];
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) {
      let rating = 0;
      for (let i = 0; i < rank; i++) rating += normalAt(1, user, i) * normalAt(2, item, i);
      const cell = [user, item, Math.fround(rating)] as const;
      (randomAt(3, user, item) < 0.5 ? observed : withheld).push(cell);
    }
  }
  const ratings = ratingsOf(observed, users, items);
  const heldOut = withhold(ratings, withheld);
  const { job, solver } = openJob(
    referenceKernel,
    ratings,
    {
      ...{ rank, feedback: 'explicit', solver: 'cholesky', regularization: 1e-6, iterations: 60 },
      // The matrix has no more than its rank.
      ...{ biases: false, globalMean: false },
    },
    { heldOut },
  );

  const last = runInPlace(job, solver).at(-1)!;

  t.true(last.rmse < 1e-4, `observed: ${last.rmse}`);
  t.true(last.validation!.rmse < 1e-3, `withheld: ${last.validation!.rmse}`);
});

for (const [kernel, tolerance] of [
  [referenceKernel, 1e-11],
  [wasmKernel('simd128'), 2e-4],
] as const) {
  test(`${kernel.name}: one block equals many blocks`, (t) => {
    const ratings = randomRatings({ users: 50, items: 40, density: 0.2 });
    const settings = { rank: 8, iterations: 3, regularization: 1, alpha: 2 };
    const one = trained(kernel, ratings, { ...settings, blocks: 1 });
    for (const blocks of [2, 7, 32]) {
      const many = trained(kernel, ratings, { ...settings, blocks });
      t.true(relativeError(many.users, one.users) <= tolerance);
      t.true(relativeError(many.items, one.items) <= tolerance);
    }
  });

  test(`${kernel.name}: transposing the ratings swaps the factors`, (t) => {
    const cells = cellsOf(randomRatings({ users: 50, items: 40, density: 0.2 }));
    const transposed = cells.map(([user, item, rating]) => [item, user, rating] as const);
    const userFactors = Float64Array.from({ length: 50 * 8 }, (_, i) => normalAt(1, 0, i) / 10);
    const itemFactors = Float64Array.from({ length: 40 * 8 }, (_, i) => normalAt(2, 0, i) / 10);
    const settings = { rank: 8, iterations: 3, regularization: 1, alpha: 2 };

    const straight = trained(kernel, ratingsOf(cells, 50, 40), {
      ...settings,
      initialFactors: { userFactors, itemFactors },
    });
    const swapped = trained(
      kernel,
      ratingsOf(transposed, 40, 50),
      { ...settings, initialFactors: { userFactors: itemFactors, itemFactors: userFactors } },
      ['item', 'user'],
    );

    t.deepEqual(swapped.items, straight.users);
    t.deepEqual(swapped.users, straight.items);
  });
}

test('random small matrices of any shape agree with the reference', (t) => {
  const problem = fc.record({
    users: fc.integer({ min: 2, max: 14 }),
    items: fc.integer({ min: 2, max: 14 }),
    density: fc.double({ min: 0.02, max: 1, noNaN: true }),
    seed: fc.nat(),
    rank: fc.integer({ min: 1, max: 40 }),
    blocks: fc.integer({ min: 1, max: 32 }),
    biases: fc.boolean(),
    solver: fc.constantFrom('cg' as const, 'cholesky' as const, 'subspace' as const),
    subspaceSize: fc.constantFrom(8, 16, 32),
    feedback: fc.constantFrom('implicit' as const, 'explicit' as const),
    regularizationExponent: fc.constantFrom(0, 1),
  });
  fc.assert(
    fc.property(problem, ({ users, items, density, seed, feedback, biases, ...more }) => {
      const cells = cellsOf(randomRatings({ users, items, density, seed }));
      fc.pre(cells.length > 0);
      const alpha = feedback === 'implicit' ? 2 : 0;
      const explicit = feedback === 'explicit' && { biases, globalMean: biases };
      // A basis of equal eigenvalues is any.
      const balance = { balance: false, regularization: 1, iterations: 2 };
      const settings = { feedback, alpha, ...balance, ...explicit, ...more };
      const ratings = ratingsOf(cells, users, items);
      const actual = trained(wasmKernel('simd128'), ratings, settings);
      const expected = trained(referenceKernel, ratings, settings);
      // Some of these systems have a condition near 10⁴, so float32 keeps three digits of a factor.
      return (
        Math.abs(actual.loss - expected.loss) <= 1e-3 * Math.max(0.01, expected.loss) &&
        relativeError(actual.users, expected.users) <= 1e-2 &&
        relativeError(actual.items, expected.items) <= 1e-2
      );
    }),
    { seed: 20260101, numRuns: 300 },
  );
  t.pass();
});

function trained(
  kernel: Kernel,
  ratings: Ratings,
  options: JobOptions,
  phaseOrder: readonly ['user', 'item'] | readonly ['item', 'user'] = ['user', 'item'],
) {
  const { job, solver } = openJob(kernel, ratings, options, { phaseOrder });
  const loss = runInPlace(job, solver).at(-1)!.loss.total;
  const { iterations } = job.settings.schedule;
  const users = factorsOf(job, 'user', iterations);
  return { loss, users, items: factorsOf(job, 'item', iterations) };
}

/** The ratings as triples of positions. */
function cellsOf({ byUser, users, items }: Ratings): Cell[] {
  const cells: Cell[] = [];
  for (let row = 0; row < byUser.rowCount; row++) {
    for (let at = byUser.offsets[row]!; at < byUser.offsets[row + 1]!; at++) {
      cells.push([
        users.positions[row]!,
        items.positions[byUser.columns[at]!]!,
        byUser.ratings[at]!,
      ]);
    }
  }
  return cells;
}

/** The objective as the papers write it: every cell, then every row. */
function denseLoss(
  cells: readonly Cell[],
  users: readonly (readonly number[])[],
  items: readonly (readonly number[])[],
  { settings, layout }: Job,
): number {
  const { feedback, alpha, unobservedWeight, objective } = settings.loss;
  const { regularization, regularizationExponent } = settings.loss;
  const mean = cells.reduce((sum, [, , rating]) => sum + rating, 0) / cells.length;
  const offset = settings.loss.globalMean ? mean : 0;
  const ratings = new Map(cells.map(([user, item, rating]) => [`${user} ${item}`, rating]));
  let loss = 0;
  for (const [user, x] of users.entries()) {
    for (const [item, y] of items.entries()) {
      const rating = ratings.get(`${user} ${item}`);
      const prediction = x.reduce((sum, element, i) => sum + element * y[i]!, offset);
      if (feedback === 'explicit') loss += rating === undefined ? 0 : (rating - prediction) ** 2;
      else {
        if (rating !== undefined) loss += (1 + alpha * rating) * (1 - prediction) ** 2;
        if (rating === undefined || objective === 'ials')
          loss += unobservedWeight * prediction ** 2;
      }
    }
  }
  for (const [column, rows] of [users, items].entries()) {
    const { pinned } = column === 0 ? layout.user : layout.item;
    const background = objective === 'ials' ? unobservedWeight * [items, users][column]!.length : 0;
    for (const [row, factors] of rows.entries()) {
      const count = cells.filter((cell) => cell[column] === row).length;
      const free = factors.filter((_, i) => i !== pinned);
      const square = free.reduce((sum, element) => sum + element ** 2, 0);
      loss += regularization * (count + background) ** regularizationExponent * square;
    }
  }
  return loss;
}
