import test from 'ava';
import type { Kernel } from '../../../src/kernels/kernel.js';
import { referenceKernel } from '../../../src/kernels/reference/reference-kernel.js';
import { wasmKernel } from '../../../src/kernels/wasm/wasm-kernel.js';
import { randomAt } from '../../../src/random.js';
import { runInPlace } from '../../../src/training/run-in-place.js';
import { factorsOf, openJob, ratingsOf } from '../../helpers/builders/jobs.js';

const [userCount, itemCount] = [30, 20];
const observed = (user: number, item: number) => randomAt(5, user, item) < 0.2;
const cells = Array.from({ length: userCount }, (_, user) =>
  Array.from({ length: itemCount }, (_, item) => [user, item, 1] as const),
)
  .flat()
  .filter(([user, item]) => observed(user, item));

/** Settings as published for MovieLens 20M, at a rank for tests. */
const published = {
  objective: 'ials',
  rank: 8,
  iterations: 16,
  initialScale: 0.1,
  regularization: 0.003,
  regularizationExponent: 1,
  unobservedWeight: 0.1,
} as const;

/** L(W, H) of Rendle et al. 2022, section 2: observed cells, all cells, then frequency-scaled L2. */
function paperLoss(w: readonly (readonly number[])[], h: readonly (readonly number[])[]): number {
  const {
    regularization: lambda,
    regularizationExponent: nu,
    unobservedWeight: alpha0,
  } = published;
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, element, i) => sum + element * b[i]!, 0);
  let loss = 0;
  for (const [user, item] of cells) loss += (dot(w[user]!, h[item]!) - 1) ** 2;
  for (const x of w) for (const y of h) loss += alpha0 * dot(x, y) ** 2;
  for (const [user, x] of w.entries()) {
    const count = cells.filter((cell) => cell[0] === user).length;
    loss += lambda * (count + alpha0 * itemCount) ** nu * dot(x, x);
  }
  for (const [item, y] of h.entries()) {
    const count = cells.filter((cell) => cell[1] === item).length;
    loss += lambda * (count + alpha0 * userCount) ** nu * dot(y, y);
  }
  return loss;
}

function trained(kernel: Kernel, solver: 'cholesky' | 'subspace' | 'cg') {
  const ratings = ratingsOf(cells, userCount, itemCount);
  const opened = openJob(kernel, ratings, { ...published, solver, subspaceSize: 8 });
  const reports = runInPlace(opened.job, opened.solver);
  const users = factorsOf(opened.job, 'user', published.iterations);
  return { reports, users, items: factorsOf(opened.job, 'item', published.iterations) };
}

for (const [kernel, tolerance] of [
  [referenceKernel, 1e-12],
  [wasmKernel('simd128'), 1e-5],
] as const) {
  for (const solver of ['cholesky', 'cg', 'subspace'] as const) {
    test(`${kernel.name}, ${solver}: the loss is the one of the iALS paper`, (t) => {
      const { reports, users, items } = trained(kernel, solver);

      const expected = paperLoss(users, items);
      const { total } = reports.at(-1)!.loss;
      t.true(Math.abs(total - expected) <= tolerance * expected, `${total}, not ${expected}`);
    });
  }
}

test('exact solves of iALS end where no item factor could lower the loss of the paper', (t) => {
  const { users, items } = trained(referenceKernel, 'cholesky');

  const least = paperLoss(users, items);
  for (const y of items) {
    for (let i = 0; i < y.length; i++) {
      for (const step of [-1e-4, 1e-4]) {
        y[i]! += step;
        t.true(paperLoss(users, items) > least);
        y[i]! -= step;
      }
    }
  }
});
