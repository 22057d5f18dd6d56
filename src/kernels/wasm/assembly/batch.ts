import { checkRegion, guardRegion, regionBytes } from './guards';
import { RunScratch, runScratchBytes } from './run';
import { indexAt, Task } from './task';

/**
 * Rows whose conjugate gradient runs in lockstep, and the scratch memory it runs in:
 *
 *     panels        stride × stride f32      u·gram, see gram-product.ts
 *     diagonal      stride f32               the Gram matrix's diagonal / its largest element
 *     cursors       batchRows u32            next entry of a row in the current walk
 *     shares        batchRows f32            how much of a row's preconditioner is `diagonal`
 *     rsold         batchRows f32            |residual|²; 0 when the row has converged
 *     floors        batchRows f32            |residual|² that counts as converged
 *     scales        batchRows f32            power of two that residual and direction are multiplied by
 *     extents       batchRows f32            |direction|²
 *     steepest      batchRows f32            the largest curvature / |direction|² so far
 *     residuals     batchRows × stride f32
 *     directions    batchRows × stride f32
 *     Ap            batchRows × stride f32   A·direction
 *     products      batchEntries f32         y·direction of every entry
 *     predictions   batchEntries f32         y·x of every entry
 *
 * Squared lengths are in the norm of the preconditioner, its inverse for residuals. The iterate x itself lives in the row's place in `task.after`. Rows do not mix: which rows share
 * a batch changes when an entry is visited, never a sum.
 */
@unmanaged
export class Batch {
  firstRow: usize;
  rowCount: usize;
  /** 1 if there is less than one entry for every row of the fixed side. */
  isSparse: usize;
  /** What `prefetch` read; kept so that no compiler leaves the reading out. */
  prefetched: i32;
  /** Array whose element e belongs to entry e, although only the batch's part exists. */
  products: usize;
  predictions: usize;

  runScratch: RunScratch;
  panels: usize;
  diagonal: usize;
  cursors: usize;
  shares: usize;
  rsold: usize;
  floors: usize;
  scales: usize;
  extents: usize;
  steepest: usize;
  residuals: usize;
  directions: usize;
  Ap: usize;
  productsStart: usize;
  predictionsStart: usize;
}

/** Lays the scratch memory out. */
export function createBatch(task: Task): Batch {
  const batch = changetype<Batch>(task.scratch);
  const words = task.batchRows << 2;
  const vectors = words * task.stride;
  const entries = task.batchEntries << 2;
  let at = guardRegion(task.scratch, offsetof<Batch>());
  batch.runScratch = changetype<RunScratch>(at);
  at = guardRegion(at, runScratchBytes);
  batch.panels = at;
  at = guardRegion(at, (task.stride * task.stride) << 2);
  batch.diagonal = at;
  at = guardRegion(at, task.stride << 2);
  batch.cursors = at;
  at = guardRegion(at, words);
  batch.shares = at;
  at = guardRegion(at, words);
  batch.rsold = at;
  at = guardRegion(at, words);
  batch.floors = at;
  at = guardRegion(at, words);
  batch.scales = at;
  at = guardRegion(at, words);
  batch.extents = at;
  at = guardRegion(at, words);
  batch.steepest = at;
  at = guardRegion(at, words);
  batch.residuals = at;
  at = guardRegion(at, vectors);
  batch.directions = at;
  at = guardRegion(at, vectors);
  batch.Ap = at;
  at = guardRegion(at, vectors);
  batch.productsStart = at;
  at = guardRegion(at, entries);
  batch.predictionsStart = at;
  guardRegion(at, entries);
  return batch;
}

/** In debug builds, fails if a store has left its region of the scratch memory. */
export function checkBatch(task: Task, batch: Batch): void {
  const words = task.batchRows << 2;
  const vectors = words * task.stride;
  const entries = task.batchEntries << 2;
  checkRegion(task.scratch, offsetof<Batch>());
  checkRegion(changetype<usize>(batch.runScratch), runScratchBytes);
  checkRegion(batch.panels, (task.stride * task.stride) << 2);
  checkRegion(batch.diagonal, task.stride << 2);
  checkRegion(batch.cursors, words);
  checkRegion(batch.shares, words);
  checkRegion(batch.rsold, words);
  checkRegion(batch.floors, words);
  checkRegion(batch.scales, words);
  checkRegion(batch.extents, words);
  checkRegion(batch.steepest, words);
  checkRegion(batch.residuals, vectors);
  checkRegion(batch.directions, vectors);
  checkRegion(batch.Ap, vectors);
  checkRegion(batch.productsStart, entries);
  checkRegion(batch.predictionsStart, entries);
}

/** Bytes of scratch memory that `createBatch` lays out. */
export function batchBytes(stride: usize, batchRows: usize, batchEntries: usize): usize {
  return (
    regionBytes(offsetof<Batch>()) +
    regionBytes(runScratchBytes) +
    regionBytes((stride * stride) << 2) +
    regionBytes(stride << 2) +
    7 * regionBytes(batchRows << 2) +
    3 * regionBytes((batchRows * stride) << 2) +
    2 * regionBytes(batchEntries << 2)
  );
}

/** The next batch: rows from `row` on, as many as fit, at least one. */
export function fillBatch(task: Task, batch: Batch, row: usize): void {
  const first = indexAt(task.offsets, row);
  const end = endOfBatch(task, row);
  batch.firstRow = row;
  batch.rowCount = end - row;
  assert(batch.rowCount <= task.batchRows, 'more rows than fit');
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
  assert(indexAt(task.offsets, end) - first <= task.batchEntries, 'more entries than fit');
  return end;
}
