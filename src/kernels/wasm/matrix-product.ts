import { Arena } from '../../arena.js';
import type { KernelName } from '../kernel-names.js';
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
/** Narrower matrices fit a cache whole. */
const spreadWidth = 128;

/** C += A·B over the first `depth` columns of A and `columns` of B. */
type AddProduct = (c: Matrix, a: LeftOperand, b: Matrix, depth: number, columns: number) => void;

/**
 * Products of float64 matrices, for what a coordinating thread computes between phases. Their memory is
 * their own. The bits are the same with every kernel and on every machine.
 */
export class MatrixProducts {
  readonly #arena = new Arena();
  readonly #add: AddProduct;

  /** The reference kernel's needs no WebAssembly. Throws `KernelUnavailableError` if others find none. */
  constructor(kernel: KernelName) {
    this.#add = kernel === 'reference' ? addPlainly : addInWasm(this.#arena);
  }

  /** A matrix of zeros of this size, padded. Throws `MemoryLimitError`. */
  matrix(rows: number, columns: number): Matrix {
    const rowCount = padded(rows, tileRows);
    let width = padded(columns, tileColumns);
    // An odd number of cache lines a row: the lines of a column are then spread over all sets of a cache.
    if (width >= spreadWidth && width % (2 * tileColumns) === 0) width += tileColumns;
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
}

function addInWasm({ memory }: Arena): AddProduct {
  const wasm = instantiate('simd128', memory);
  return (c, a, b, depth, columns) =>
    reportTraps('simd128', `multiply matrices of ${depth} × ${columns}`, () =>
      wasm.addProduct(
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

const addPlainly: AddProduct = (c, a, b, depth, columns) => {
  for (let i = 0; i < a.rowCount; i++) {
    for (let k = 0; k < depth; k++) {
      const element = a.elements[(i * a.row + k * a.step) / 8]!;
      for (let j = 0; j < columns; j++) {
        c.elements[i * c.width + j]! += element * b.elements[k * b.width + j]!;
      }
    }
  }
};

function padded(size: number, step: number): number {
  return Math.ceil(size / step) * step;
}
