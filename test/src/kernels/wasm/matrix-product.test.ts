import test from 'ava';
import { type Matrix, MatrixProducts } from '../../../../src/kernels/wasm/matrix-product.js';

const shapes = [
  [1, 1, 1],
  [2, 3, 8],
  [5, 17, 9],
  [16, 64, 24],
] as const;
const kernels = ['reference', 'wasm-simd128'] as const;
for (const [kernel, rows, depth, columns] of kernels.flatMap((kernel) =>
  shapes.map((shape) => [kernel, ...shape] as const),
)) {
  const products = new MatrixProducts(kernel);

  test(`${kernel}: ${rows} × ${depth} by ${depth} × ${columns} adds products in their order`, (t) => {
    const a = filled(products.matrix(rows, depth), rows, depth);
    const b = filled(products.matrix(depth, columns), depth, columns);
    const c = products.matrix(rows, columns);
    // What is there already is added to.
    products.add(c, a, b, depth);
    products.add(c, a, b, depth);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < 2 * depth; k++) sum += at(a, i, k % depth) * at(b, k % depth, j);
        t.is(at(c, i, j), sum);
      }
    }
  });

  test(`${kernel}: ${depth} rows of ${columns} give the lower half of their products' sum`, (t) => {
    const a = filled(products.matrix(depth, columns), depth, columns);
    const b = filled(products.matrix(depth, columns), depth, columns);
    const c = products.matrix(a.width, columns);
    products.addLower(c, a, b, depth);
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < depth; k++) sum += at(a, k, i) * at(b, k, j);
        t.is(at(c, i, j), sum);
      }
    }
  });
}

function filled(matrix: Matrix, rows: number, columns: number): Matrix {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) matrix.elements[i * matrix.width + j] = Math.sin(3 * i + j);
  }
  return matrix;
}

function at(matrix: Matrix, row: number, column: number): number {
  return matrix.elements[row * matrix.width + column]!;
}
