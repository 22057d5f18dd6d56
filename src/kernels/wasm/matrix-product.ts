import { Arena } from '../../arena.js';
import { instantiate, reportTraps } from './wasm-binary.js';

/** A row-major matrix in the memory of its `MatrixProducts`; what pads it is 0. */
export interface Matrix {
  readonly elements: Float64Array;
  /** Even. */
  readonly rowCount: number;
  /** Elements from one row to the next, a multiple of 8. */
  readonly width: number;
}

/** A left operand: element (i, k) lies at i·row + k·step bytes. */
interface LeftOperand {
  readonly elements: Float64Array;
  readonly rowCount: number;
  readonly row: number;
  readonly step: number;
}

/** Rows of a product are taken in pairs, columns in eights; see assembly/matrix-product.ts. */
const tileRows = 2;
const tileColumns = 8;

/**
 * Products of float64 matrices, for what a coordinating thread computes between phases. Their memory is
 * their own. The bits are the same in every build and on every machine.
 */
export class MatrixProducts {
  readonly #arena = new Arena();
  readonly #wasm = instantiate('simd128', this.#arena.memory);

  /** A matrix of zeros of this size, padded. Throws `MemoryLimitError`. */
  matrix(rows: number, columns: number): Matrix {
    const [rowCount, width] = [padded(rows, tileRows), padded(columns, tileColumns)];
    return { elements: this.#arena.float64(rowCount * width), rowCount, width };
  }

  /** A copy of a row-major n × n matrix. */
  square(elements: Float64Array, n: number): Matrix {
    const matrix = this.matrix(n, n);
    for (let row = 0; row < n; row++) {
      matrix.elements.set(elements.subarray(row * n, (row + 1) * n), row * matrix.width);
    }
    return matrix;
  }

  /** C += A·B over the first `depth` columns of A; each element adds its products in their order. */
  add(c: Matrix, a: Matrix, b: Matrix, depth: number): void {
    this.#add(c, { ...a, row: 8 * a.width, step: 8 }, b, depth, b.width);
  }

  /** C += AᵀB over the first `depth` rows of both, on the diagonal and below: what is above is not C's. */
  addLower(c: Matrix, a: Matrix, b: Matrix, depth: number): void {
    for (let first = 0; first < a.width; first += tileColumns) {
      const elements = a.elements.subarray(first);
      const left = { elements, rowCount: tileColumns, row: 8, step: 8 * a.width };
      const rows = { ...c, elements: c.elements.subarray(first * c.width) };
      this.#add(rows, left, b, depth, first + tileColumns);
    }
  }

  #add(c: Matrix, a: LeftOperand, b: Matrix, depth: number, columns: number): void {
    reportTraps('simd128', `multiply matrices of ${depth} × ${columns}`, () =>
      this.#wasm.addProduct(
        a.elements.byteOffset,
        a.row,
        a.step,
        b.elements.byteOffset,
        8 * b.width,
        c.elements.byteOffset,
        8 * c.width,
        a.rowCount,
        depth,
        columns,
      ),
    );
  }
}

function padded(size: number, step: number): number {
  return Math.ceil(size / step) * step;
}
