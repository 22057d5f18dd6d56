import test from 'ava';
import { randomAt } from '../../../src/random.js';
import { triangularFactor } from '../../../src/training/triangular.js';

const isFactored = test.macro({
  exec(t, n: number, a: Float64Array) {
    const { factor, inverse } = triangularFactor(a, n, 0)!;

    const size = a.reduce((most, element) => Math.max(most, Math.abs(element)), 0);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (j > i)
          t.is(factor[i * n + j]! + inverse[i * n + j]!, 0, `above the diagonal, ${i}, ${j}`);
        let [square, product] = [0, 0];
        for (let k = 0; k < n; k++) {
          square += factor[i * n + k]! * factor[j * n + k]!;
          product += factor[i * n + k]! * inverse[k * n + j]!;
        }
        t.true(Math.abs(square - a[i * n + j]!) <= 1e-14 * n * size, `L·Lᵀ, ${i}, ${j}`);
        t.true(Math.abs(product - (i === j ? 1 : 0)) <= 1e-10, `L·L⁻¹, ${i}, ${j}`);
      }
    }
  },
  title: (provided) => `${provided} is factored`,
});

test('one number', isFactored, 1, Float64Array.of(9));
test('a Gram matrix of random rows', isFactored, 33, gram(33, 50));
test(
  'a Gram matrix of fewer rows than columns, with a little added',
  isFactored,
  20,
  gram(20, 7, 1e-9),
);

test('the factor of a matrix known by hand', (t) => {
  const { factor, inverse } = triangularFactor(Float64Array.of(4, 2, 2, 10), 2, 3)!;

  t.deepEqual([...factor], [2, 0, 1, 3]);
  t.deepEqual([...inverse], [1 / 2, 0, -1 / 6, 1 / 3]);
});

test('a matrix that is not positive definite, or hardly, has none', (t) => {
  t.is(triangularFactor(Float64Array.of(1, 2, 2, 1), 2, 0), undefined);
  t.is(triangularFactor(Float64Array.of(16, 8, 8, 13), 2, 9), undefined);
  t.is(triangularFactor(Float64Array.of(Number.NaN), 1, 0), undefined);
});

function gram(n: number, rows: number, added = 0): Float64Array {
  const element = (row: number, i: number) => randomAt(1, row, i) - 0.5;
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = i === j ? added : 0;
    for (let row = 0; row < rows; row++) sum += element(row, i) * element(row, j);
    return sum;
  });
}
