import test from 'ava';
import { randomAt } from '../../../src/random.js';
import { symmetricEigen } from '../../../src/training/symmetric-eigen.js';

const isDecomposed = test.macro({
  exec(t, matrix: readonly number[]) {
    const n = Math.sqrt(matrix.length);
    const a = Float64Array.from(matrix);

    const { values, vectors } = symmetricEigen(a, n);

    t.deepEqual([...a], [...matrix]);
    const size = Math.max(Number.MIN_VALUE, ...matrix.map(Math.abs));
    for (let i = 0; i < n; i++) {
      if (i > 0) t.true(values[i - 1]! >= values[i]!);
      const v = vectors.subarray(i * n, (i + 1) * n);
      const largest = v.reduce((most, e) => (Math.abs(e) > Math.abs(most) ? e : most));
      t.true(largest > 0, `vector ${i} has a sign`);
      for (let r = 0; r < n; r++) {
        const image = v.reduce((sum, e, k) => sum + matrix[r * n + k]! * e, 0);
        t.true(Math.abs(image - values[i]! * v[r]!) <= 1e-13 * n * size, `A·v${i} is λ·v${i}`);
        const dot = v.reduce((sum, e, k) => sum + e * vectors[r * n + k]!, 0);
        t.true(Math.abs(dot - (i === r ? 1 : 0)) <= 1e-13 * n, `v${i} and v${r}`);
      }
    }
  },
  title: (provided) => `${provided} is decomposed`,
});

test('one number', isDecomposed, [3]);
test('a matrix of zeros', isDecomposed, new Array(9).fill(0));
test('a diagonal matrix out of order', isDecomposed, [1, 0, 0, 0, 5, 0, 0, 0, -2]);
test('a matrix of ones, which has rank 1', isDecomposed, new Array(25).fill(1));
test('equal eigenvalues', isDecomposed, [2, 0, 0, 0, 2, 0, 0, 0, 2]);
test('a matrix with elements of very different sizes', isDecomposed, graded(6));
test('a matrix that is graded from 1 to 1e-300', isDecomposed, graded(7, 25));
test('a matrix of elements whose squares are 0', isDecomposed, gramOfRandom(9, 12, 1e-110));
test('a matrix of elements whose squares are infinite', isDecomposed, gramOfRandom(9, 12, 1e100));
test('a Gram matrix of random rows', isDecomposed, gramOfRandom(33, 50));
test('a Gram matrix of fewer rows than columns', isDecomposed, gramOfRandom(20, 7));

test('eigenvalues of a matrix known by hand', (t) => {
  const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);

  t.true(Math.abs(values[0]! - 3) < 1e-15 && Math.abs(values[1]! - 1) < 1e-15);
  t.true(Math.abs(vectors[0]! - Math.SQRT1_2) < 1e-15);
});

function graded(n: number, orders = 1): number[] {
  return Array.from(
    { length: n * n },
    (_, at) => 10 ** -(orders * (Math.floor(at / n) + (at % n))),
  );
}

function gramOfRandom(n: number, rows: number, size = 1): number[] {
  const element = (row: number, i: number) => size * (randomAt(1, row, i) - 0.5);
  return Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let row = 0; row < rows; row++)
      sum += element(row, Math.floor(at / n)) * element(row, at % n);
    return sum;
  });
}
