import test from 'ava';
import {
  pinCoordinate,
  solveCholesky,
  solveConjugateGradient,
  solveNonnegative,
  solveSubspaces,
} from '../../../../src/kernels/reference/reference-solvers.js';
import { normalAt } from '../../../../src/random.js';

/** A = MᵀM + λI with M random, `rows` × n, and a random b. */
function randomSystem(seed: number, n: number, rows: number, lambda: number) {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let row = 0; row < rows; row++) {
        a[i * n + j]! += normalAt(seed, row, i) * normalAt(seed, row, j);
      }
    }
    a[i * n + i]! += lambda;
  }
  return { a, b: Float64Array.from({ length: n }, (_, i) => normalAt(seed, rows, i)) };
}

/** xᵀ·a·x/2 − bᵀ·x. */
function height(a: Float64Array, b: Float64Array, x: Float64Array): number {
  const n = b.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    sum -= b[i]! * x[i]!;
    for (let j = 0; j < n; j++) sum += (x[i]! * a[i * n + j]! * x[j]!) / 2;
  }
  return sum;
}

/** The best point without a negative element: the best of every set of elements that are not 0. */
function bestByForce(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  let best = new Float64Array(n);
  for (let chosen = 1; chosen < 2 ** n; chosen++) {
    const free = Array.from({ length: n }, (_, i) => i).filter((i) => chosen & (1 << i));
    const part = Float64Array.from(free.flatMap((i) => free.map((j) => a[i * n + j]!)));
    const right = Float64Array.from(free, (i) => b[i]!);
    const solution = new Float64Array(free.length);
    if (!solveCholesky(part, right, solution) || Math.min(...solution) < 0) continue;
    const x = new Float64Array(n);
    for (const [at, i] of free.entries()) x[i] = solution[at]!;
    if (height(a, b, x) < height(a, b, best)) best = x;
  }
  return best;
}

test('nonnegative solutions are those that trying every set of zeros finds', (t) => {
  for (let seed = 0; seed < 60; seed++) {
    const n = 1 + (seed % 7);
    const { a, b } = randomSystem(seed, n, n + 2, 0.1);
    const start = Float64Array.from({ length: n }, (_, i) => Math.abs(normalAt(seed, 99, i)));

    solveNonnegative(a, b, start);

    const expected = bestByForce(a, b);
    for (const [i, element] of start.entries()) {
      t.true(element >= 0);
      t.true(Math.abs(element - expected[i]!) <= 1e-9, `system ${seed}, element ${i}`);
    }
  }
});

test('a nonnegative solution of a singular system is as low as any', (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const { a } = randomSystem(seed, 6, 3, 0);
    // In the space of a's columns, so that there is a lowest point.
    const b = a.slice(0, 6).map((element, i) => element - a[6 + i]!);
    const x = new Float64Array(6);

    solveNonnegative(a, b, x);

    const lowest = height(a, b, bestByForce(a, b));
    t.true(height(a, b, x) <= lowest + 1e-9 * Math.abs(lowest), `system ${seed}`);
  }
});

test('a coordinate without curvature stays where it is', (t) => {
  const x = Float64Array.of(3, 0);

  solveNonnegative(Float64Array.of(0, 0, 0, 2), Float64Array.of(0, 4), x);

  t.deepEqual(x, Float64Array.of(3, 2));
});

test('with a pinned coordinate every solver finds the best values of the others', (t) => {
  for (const p of [0, 2, 4]) {
    const { a, b } = randomSystem(p, 5, 9, 0.5);
    // The four others alone: b less what the pinned one takes.
    const free = [0, 1, 2, 3, 4].filter((i) => i !== p);
    const part = Float64Array.from(free.flatMap((i) => free.map((j) => a[i * 5 + j]!)));
    const expected = new Float64Array(4);
    solveCholesky(
      part,
      Float64Array.from(free, (i) => b[i]! - a[i * 5 + p]!),
      expected,
    );

    pinCoordinate(a, b, p);

    const start = () => Float64Array.from({ length: 5 }, (_, i) => (i === p ? 1 : 0.1));
    const [exact, stepped, swept] = [start(), start(), start()];
    solveConjugateGradient(a.slice(), b, stepped, {
      steps: 8,
      diagonal: Float64Array.of(1, 0.5, 0.1, 0.7, 0.2),
    });
    for (let sweep = 0; sweep < 200; sweep++) solveSubspaces(a.slice(), b, swept, 2);
    solveCholesky(a.slice(), b, exact);
    for (const x of [exact, stepped, swept]) {
      t.true(Math.abs(x[p]! - 1) <= 1e-15);
      for (const [at, i] of free.entries()) t.true(Math.abs(x[i]! - expected[at]!) <= 1e-9);
    }
    t.is(stepped[p], 1);
    t.is(swept[p], 1);
  }
});

test('cholesky sets a coordinate that rounding cannot tell from others to 0 where λ is above 0', (t) => {
  const a = () => Float64Array.of(1e20, 1e20, 1e20, 1e20);
  const x = new Float64Array(2);

  t.false(solveCholesky(a(), Float64Array.of(1e20, 1e20), x));
  t.true(solveCholesky(a(), Float64Array.of(1e20, 1e20), x, 1e-4));

  t.deepEqual([...x], [1, 0]);
});
