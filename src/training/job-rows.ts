import type { MatrixProducts } from '../kernels/wasm/matrix-product.js';
import type { Side } from '../ratings/ratings.js';
import { type FactorSpan, factorSpans, writableSpans } from './factor-spans.js';
import type { Job } from './job.js';
import type { Steps } from './steps.js';

/** Rows of one side of a job. */
export interface Rows {
  readonly spans: Iterable<FactorSpan>;
  /** The same to be written to. */
  readonly writable: Iterable<FactorSpan>;
  readonly stride: number;
  /** Coordinates of a row. */
  readonly width: number;
  readonly pinned: number | undefined;
}

/** The rows of generation `iteration`. */
export function rowsOfSide(job: Job, side: Side, iteration: number): Rows {
  const { stride, rank: width, ...layout } = job.layout;
  const { pinned } = layout[side];
  return {
    spans: factorSpans(job, side, iteration),
    get writable() {
      return writableSpans(job, side, iteration);
    },
    ...{ stride, width, pinned },
  };
}

/** How many rows are taken together, so that they stay in a processor's cache. */
const chunkRows = 256;
/** Multiplications of a step, some 50 ms. */
const stepProducts = 2 ** 26;

/** Σ λ·x·xᵀ over the first n coordinates, row-major n × n. */
export function weightedGram(products: MatrixProducts, rows: Rows, n: number): Steps<Float64Array> {
  return sumOfSquares(products, rows, n, true);
}

/** Σ x·xᵀ over the first n coordinates, row-major n × n. */
export function plainGram(products: MatrixProducts, rows: Rows, n: number): Steps<Float64Array> {
  return sumOfSquares(products, rows, n, false);
}

/** Each element is summed in the order of rows, wherever a chunk or a span ends. */
function* sumOfSquares(
  products: MatrixProducts,
  { spans, stride }: Rows,
  n: number,
  isWeighted: boolean,
): Steps<Float64Array> {
  const x = products.matrix(chunkRows, n);
  const weighted = isWeighted ? products.matrix(chunkRows, n) : x;
  const sums = products.matrix(x.width, n);
  const { width } = x;
  const isStepDone = stepCounter(n);
  for (const { elements, regularizers, from, count } of chunksOf(spans)) {
    for (let row = 0; row < count; row++) {
      const at = (from + row) * stride;
      x.elements.set(elements.subarray(at, at + n), row * width);
      if (!isWeighted) continue;
      const weight = regularizers[from + row]!;
      for (let i = row * width; i < row * width + n; i++) {
        weighted.elements[i] = weight * x.elements[i]!;
      }
    }
    products.addLower(sums, weighted, x, count);
    if (isStepDone(count)) yield;
  }
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      gram[i * n + j] = sums.elements[i * sums.width + j]!;
      gram[j * n + i] = gram[i * n + j]!;
    }
  }
  return gram;
}

/** Multiplies the first n coordinates of every row by a row-major n × n matrix. */
export function* multiplyRows(
  products: MatrixProducts,
  { writable, stride }: Rows,
  matrix: Float64Array,
  n: number,
): Steps<void> {
  const right = products.square(matrix, n);
  const [x, out] = [products.matrix(chunkRows, n), products.matrix(chunkRows, n)];
  const { width } = x;
  const isStepDone = stepCounter(n);
  for (const { elements, from, count } of chunksOf(writable)) {
    for (let row = 0; row < count; row++) {
      const at = (from + row) * stride;
      x.elements.set(elements.subarray(at, at + n), row * width);
    }
    out.elements.fill(0);
    products.add(out, x, right, n);
    for (let row = 0; row < count; row++) {
      elements.set(out.elements.subarray(row * width, row * width + n), (from + row) * stride);
    }
    if (isStepDone(count)) yield;
  }
}

/** Counts rows, and says where a step of n × n products a row ends. */
function stepCounter(n: number): (rows: number) => boolean {
  let done = 0;
  return (rows) => {
    done += rows * n * n;
    if (done < stepProducts) return false;
    done = 0;
    return true;
  };
}

/** Rows of one span that are taken together. */
interface Chunk extends Pick<FactorSpan, 'elements' | 'regularizers'> {
  /** Row of the span. */
  readonly from: number;
  readonly count: number;
}

function* chunksOf(spans: Iterable<FactorSpan>): Generator<Chunk, void> {
  for (const { elements, regularizers, rowCount } of spans) {
    for (let from = 0; from < rowCount; from += chunkRows) {
      yield { elements, regularizers, from, count: Math.min(chunkRows, rowCount - from) };
    }
  }
}
