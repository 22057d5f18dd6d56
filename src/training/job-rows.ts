import type { Side } from '../ratings/ratings.js';
import { type FactorSpan, factorSpans } from './factor-spans.js';
import type { Job } from './job.js';

/** Rows of one side in the job's memory. */
export interface Rows {
  readonly spans: readonly FactorSpan[];
  readonly stride: number;
  /** Coordinates of a row. */
  readonly width: number;
  readonly pinned: number | undefined;
}

/** The rows of generation `iteration`. */
export function rowsOfSide(job: Job, side: Side, iteration: number): Rows {
  const { stride, rank: width, ...layout } = job.layout;
  const { pinned } = layout[side];
  return { spans: factorSpans(job, side, iteration), stride, width, pinned };
}

/** How many rows are taken together: each sum is loaded and stored once for all of them. */
const tile = 4;

/** Σ λ·x·xᵀ over the first n coordinates, row-major n × n. */
export function weightedGram(rows: Rows, n: number): Float64Array {
  return sumOfSquares(rows, n, true);
}

/** Σ x·xᵀ over the first n coordinates, row-major n × n. */
export function plainGram(rows: Rows, n: number): Float64Array {
  return sumOfSquares(rows, n, false);
}

function sumOfSquares(rows: Rows, n: number, isWeighted: boolean): Float64Array {
  const gram = new Float64Array(n * n);
  const four = new Float64Array(tile * n);
  const weights = new Float64Array(tile);
  for (const _ of rowsInFours(rows, n, four, weights)) {
    for (let i = 0; i < n; i++) {
      const a = (isWeighted ? weights[0]! : 1) * four[i]!;
      const b = (isWeighted ? weights[1]! : 1) * four[n + i]!;
      const c = (isWeighted ? weights[2]! : 1) * four[2 * n + i]!;
      const d = (isWeighted ? weights[3]! : 1) * four[3 * n + i]!;
      for (let j = 0; j <= i; j++) {
        gram[i * n + j]! +=
          a * four[j]! + b * four[n + j]! + (c * four[2 * n + j]! + d * four[3 * n + j]!);
      }
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) gram[j * n + i] = gram[i * n + j]!;
  }
  return gram;
}

/**
 * Multiplies the first n coordinates of every row by a row-major n × n matrix: two rows against four of
 * the matrix at a time, for the sake of loads and stores.
 */
export function multiplyRows({ spans, stride }: Rows, matrix: Float64Array, n: number): void {
  for (const span of spans) multiplySpan(span, stride, matrix, n);
}

function multiplySpan(
  { elements, rowCount }: FactorSpan,
  stride: number,
  matrix: Float64Array,
  n: number,
): void {
  const depth = Math.ceil(n / tile) * tile;
  // Rows of zeros, so that they come in fours.
  const padded = new Float64Array(depth * n);
  padded.set(matrix);
  const [x, y] = [new Float64Array(depth), new Float64Array(depth)];
  const [xOut, yOut] = [new Float64Array(n), new Float64Array(n)];
  for (let row = 0; row < rowCount; row += 2) {
    const [from, next] = [row * stride, Math.min(row + 1, rowCount - 1) * stride];
    x.set(elements.subarray(from, from + n));
    y.set(elements.subarray(next, next + n));
    xOut.fill(0);
    yOut.fill(0);
    for (let i = 0; i < depth; i += tile) {
      const [a, b, c, d] = [x[i]!, x[i + 1]!, x[i + 2]!, x[i + 3]!];
      const [e, f, g, h] = [y[i]!, y[i + 1]!, y[i + 2]!, y[i + 3]!];
      const at = i * n;
      for (let j = 0; j < n; j++) {
        const p = padded[at + j]!;
        const q = padded[at + n + j]!;
        const r = padded[at + 2 * n + j]!;
        const s = padded[at + 3 * n + j]!;
        xOut[j]! += a * p + b * q + (c * r + d * s);
        yOut[j]! += e * p + f * q + (g * r + h * s);
      }
    }
    elements.set(xOut, from);
    elements.set(yOut, next);
  }
}

/**
 * Takes rows by fours, across spans: `four` has their first n coordinates and `weights` their λ at every
 * step, zeros beyond the last row.
 */
function* rowsInFours(
  { spans, stride }: Rows,
  n: number,
  four: Float64Array,
  weights: Float64Array,
): Generator<void, void> {
  let filled = 0;
  for (const { elements, regularizers, rowCount } of spans) {
    for (let row = 0; row < rowCount; row++) {
      const from = row * stride;
      four.set(elements.subarray(from, from + n), filled * n);
      weights[filled++] = regularizers[row]!;
      if (filled < tile) continue;
      yield;
      filled = 0;
    }
  }
  if (filled === 0) return;
  four.fill(0, filled * n);
  weights.fill(0, filled);
  yield;
}
