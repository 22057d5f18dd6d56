import test from 'ava';
import { referenceKernel } from '../../../src/kernels/reference/reference-kernel.js';
import { MatrixProducts } from '../../../src/kernels/wasm/matrix-product.js';
import { randomAt } from '../../../src/random.js';
import { balance, balancingBasis } from '../../../src/training/balance.js';
import type { WholeJob } from '../../../src/training/job.js';
import type { JobOptions } from '../../../src/training/options.js';
import { PhaseReducer } from '../../../src/training/phase-reducer.js';
import { phasesOf, tasksOf } from '../../../src/training/phases.js';
import { atOnce } from '../../../src/training/steps.js';
import { factorsOf, openJob, randomRatings } from '../../helpers/builders/jobs.js';

test('both Gram matrices become the same diagonal matrix, the largest element first', (t) => {
  const n = 9;
  const [a, b] = [gramOfRandom(1, n, 30), gramOfRandom(2, n, 20)];

  const { left, right } = balancingBasis(new MatrixProducts('wasm-simd128'), a, b, n);

  const balanced = congruent(a, left, n);
  const other = congruent(b, right, n);
  const product = multiply(left, transposed(right, n), n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const at = i * n + j;
      near(t, product[at]!, i === j ? 1 : 0, 'predictions stay');
      near(t, balanced[at]!, i === j ? other[at]! : 0, 'one side');
      near(t, other[at]!, i === j ? other[at]! : 0, 'the other side');
    }
    if (i > 0) t.true(other[i * n + i]! <= other[(i - 1) * (n + 1)]!);
  }
});

for (const [what, a, b] of [
  ['a side of fewer rows than dimensions', gramOfRandom(1, 6, 3), gramOfRandom(2, 6, 9)],
  ['sides that share no direction', diagonal([1, 1, 0]), diagonal([0, 0, 1])],
  ['a side of zeros', diagonal([0, 0, 0]), diagonal([1, 2, 3])],
  ['sides of next to nothing', diagonal([1e-88, 1e-90, 0]), diagonal([1e-46, 1e-47, 1e-48])],
  ['a side that rounding has left indefinite', indefinite(), gramOfRandom(2, 4, 9)],
  ['sides of very different sizes', diagonal([1e12, 1e10, 1e11]), diagonal([1e-12, 1e-9, 1e-10])],
] as const) {
  test(`the basis keeps predictions and is finite with ${what}`, (t) => {
    const n = Math.sqrt(a.length);

    const { left, right } = balancingBasis(new MatrixProducts('wasm-simd128'), a, b, n);

    t.true([...left, ...right].every(Number.isFinite));
    const product = multiply(left, transposed(right, n), n);
    for (let i = 0; i < n * n; i++) near(t, product[i]!, i % (n + 1) === 0 ? 1 : 0, `${i}`);
  });
}

const isBalanced = test.macro({
  exec(t, options: JobOptions) {
    const ratings = randomRatings({ users: 40, items: 30, density: 0.2 });
    const settings = { rank: 7, iterations: 1, regularization: 0.5, ...options };
    const { job, solver } = openJob(referenceKernel, ratings, { ...settings, solver: 'cholesky' });
    const reducer = new PhaseReducer(job);
    let cost = Number.NaN;
    for (const phase of phasesOf(job, 1)) {
      const sums = tasksOf(job.layout, phase).map((task) => solver.run(task, 0)!);
      cost = reducer.close(phase, sums)?.loss.regularization ?? cost;
    }
    const before = predictions(factorsOf(job, 'user', 1), factorsOf(job, 'item', 1));

    const { user, item } = atOnce(balance(job, 1, gramsOf(job, 1)));

    const after = predictions(factorsOf(job, 'user', 1), factorsOf(job, 'item', 1));
    for (const [at, prediction] of before.entries()) near(t, after[at]!, prediction, 'prediction');
    t.true(user + item < cost, `${user + item} is below ${cost}`);
    if (!job.settings.row.biases)
      t.true(Math.abs(user - item) < 1e-9 * cost, 'sides cost the same');
    const again = atOnce(balance(job, 1, gramsOf(job, 1)));
    t.true(Math.abs(again.user + again.item - user - item) < 1e-9 * cost, 'there is no better one');
  },
  title: (name) => `balancing keeps predictions and lowers the cost of ${name}`,
});

test('implicit feedback', isBalanced, { alpha: 5 });
test('rows that differ in λ', isBalanced, { alpha: 5, regularizationExponent: 1 });
test('ials', isBalanced, { objective: 'ials', regularizationExponent: 1, unobservedWeight: 0.1 });
test('explicit feedback with biases', isBalanced, { feedback: 'explicit' });

test('a model without regularization is balanced too', (t) => {
  const ratings = randomRatings({ users: 40, items: 30, density: 0.4 });
  const { job } = openJob(referenceKernel, ratings, { rank: 5, regularization: 0 });

  t.deepEqual(atOnce(balance(job, 0, gramsOf(job, 0))), { user: 0, item: 0 });

  const [users, items] = [factorsOf(job, 'user', 0), factorsOf(job, 'item', 0)];
  near(t, squares(users), squares(items), 'lengths');
});

function gramsOf(job: WholeJob, iteration: number) {
  const gram = (rows: number[][]) => {
    const n = job.layout.stride;
    return Float64Array.from({ length: n * n }, (_, at) =>
      rows.reduce((sum, row) => sum + row[Math.floor(at / n)]! * row[at % n]!, 0),
    );
  };
  return {
    user: gram(factorsOf(job, 'user', iteration)),
    item: gram(factorsOf(job, 'item', iteration)),
  };
}

function squares(rows: readonly (readonly number[])[]): number {
  return rows.flat().reduce((sum, element) => sum + element * element, 0);
}

function predictions(users: readonly number[][], items: readonly number[][]): number[] {
  return users.flatMap((x) => items.map((y) => x.reduce((sum, e, i) => sum + e * y[i]!, 0)));
}

function near(
  t: { true(actual: boolean, message: string): unknown },
  actual: number,
  expected: number,
  what: string,
): void {
  const size = Math.max(1, Math.abs(expected));
  t.true(Math.abs(actual - expected) <= 1e-9 * size, `${what}: ${actual} for ${expected}`);
}

function gramOfRandom(seed: number, n: number, rows: number): Float64Array {
  const gram = new Float64Array(n * n);
  for (let row = 0; row < rows; row++) {
    const element = (i: number) => randomAt(seed, row, i) - 0.5;
    for (let at = 0; at < n * n; at++) gram[at]! += element(Math.floor(at / n)) * element(at % n);
  }
  return gram;
}

/** A Gram matrix of two directions among four, but for the rounding of float32. */
function indefinite(): Float64Array {
  return gramOfRandom(3, 4, 2).map((element, at) => element - (at % 5 === 0 ? 1e-7 : 0));
}

function diagonal(elements: readonly number[]): Float64Array {
  const n = elements.length;
  return Float64Array.from({ length: n * n }, (_, at) => {
    return at % (n + 1) === 0 ? elements[at / (n + 1)]! : 0;
  });
}

/** Tᵀ·A·T. */
function congruent(a: Float64Array, basis: Float64Array, n: number): Float64Array {
  return multiply(transposed(basis, n), multiply(a, basis, n), n);
}

function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  return a.map((_, at) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[at - (at % n) + k]! * b[k * n + (at % n)]!;
    return sum;
  });
}

function transposed(a: Float64Array, n: number): Float64Array {
  return a.map((_, at) => a[(at % n) * n + Math.floor(at / n)]!);
}
