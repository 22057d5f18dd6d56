import { Bench, benchBytes } from './run';
import { indexAt, Task } from './task';

/**
 * Rows whose conjugate gradient runs in lockstep, and the scratch memory it runs in:
 *
 *     panels        stride × stride f32      u·gram, see gram-product.ts
 *     cursors       batchRows u32            next entry of a row in the current walk
 *     squares       batchRows f32            |residual|²; 0 when the row has come to rest
 *     floors        batchRows f32            |residual|² that counts as rest
 *     residuals     batchRows × stride f32
 *     directions    batchRows × stride f32
 *     images        batchRows × stride f32   A·direction
 *     products      batchEntries f32         y·direction of every entry
 *     predictions   batchEntries f32         y·x of every entry
 *
 * The iterate x itself lives in the row's place in `task.after`. Rows do not mix: which rows share
 * a batch changes when an entry is visited, never a sum.
 */
@unmanaged
export class Batch {
  firstRow: usize;
  rowCount: usize;
  /** 1 if there is less than one entry for every row of the fixed side. */
  isSparse: usize;
  /** What `warm` read; kept so that no compiler leaves the reading out. */
  warmth: i32;
  /** Array whose element e belongs to entry e, although only the batch's part exists. */
  products: usize;
  predictions: usize;

  bench: Bench;
  panels: usize;
  cursors: usize;
  squares: usize;
  floors: usize;
  residuals: usize;
  directions: usize;
  images: usize;
  productsStart: usize;
  predictionsStart: usize;
}

/** Lays the scratch memory out. */
export function createBatch(task: Task): Batch {
  const rowBytes = task.stride << 2;
  const words = align(task.batchRows << 2);
  const vectors = task.batchRows * rowBytes;

  const batch = changetype<Batch>(task.scratch);
  let at = task.scratch + align(offsetof<Batch>());
  batch.bench = changetype<Bench>(at);
  at += benchBytes;
  batch.panels = at;
  at += align(task.stride * rowBytes);
  batch.cursors = at;
  at += words;
  batch.squares = at;
  at += words;
  batch.floors = at;
  at += words;
  batch.residuals = at;
  at += align(vectors);
  batch.directions = at;
  at += align(vectors);
  batch.images = at;
  at += align(vectors);
  batch.productsStart = at;
  at += align(task.batchEntries << 2);
  batch.predictionsStart = at;
  return batch;
}

/** Bytes of scratch memory that `createBatch` lays out. */
export function batchBytes(stride: usize, batchRows: usize, batchEntries: usize): usize {
  const rowBytes = stride << 2;
  return (
    align(offsetof<Batch>()) +
    benchBytes +
    align(stride * rowBytes) +
    3 * align(batchRows << 2) +
    3 * align(batchRows * rowBytes) +
    2 * align(batchEntries << 2)
  );
}

/** The next batch: rows from `row` on, as many as fit, at least one. */
export function fillBatch(task: Task, batch: Batch, row: usize): void {
  const first = indexAt(task.offsets, row);
  const end = endOfBatch(task, row);
  batch.firstRow = row;
  batch.rowCount = end - row;
  batch.isSparse = indexAt(task.offsets, end) - first < task.fixedRowCount ? 1 : 0;
  batch.products = batch.productsStart - (first << 2);
  batch.predictions = batch.predictionsStart - (first << 2);
}

/** Where a batch that starts at `row` ends: after as many rows as fit, at least one. */
export function endOfBatch(task: Task, row: usize): usize {
  const first = indexAt(task.offsets, row);
  const limit = min(row + task.batchRows, task.firstRow + task.rowCount);
  let end = row + 1;
  while (end < limit && indexAt(task.offsets, end + 1) - first <= task.batchEntries) end++;
  return end;
}

/** Bytes rounded up to whole cache lines. */
// @ts-ignore: decorator
@inline
export function align(bytes: usize): usize {
  return (bytes + 63) & ~63;
}
