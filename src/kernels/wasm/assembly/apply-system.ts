import { Batch } from './batch';
import { multiplyByGram } from './gram-product';
import { dotEntries, pullEntries } from './row-products';
import { Task, elementAt, indexAt } from './task';

/**
 * Ap = A·vectors − bias·b but 0 where pinned, products = y·vector of every entry, both of the rows
 * that have not converged.
 */
export function applySystem(
  task: Task,
  batch: Batch,
  vectors: usize,
  bias: f32,
  products: usize,
): void {
  const rowBytes = task.stride << 2;
  const runScratch = batch.runScratch;
  const rowCount = batch.rowCount;
  const Ap = batch.Ap;
  const cursors = batch.cursors;
  multiplyByGram(task, batch.panels, batch.firstRow, rowCount, vectors, Ap, 0, rowBytes);
  startWalk(task, batch);
  for (let limit: usize = 0; limit != usize.MAX_VALUE; ) {
    const start = limit;
    limit = nextLimit(task, batch, limit);
    prefetch(task, batch, start, limit);
    for (let i: usize = 0; i < rowCount; i++) {
      const at = indexAt(cursors, i);
      const end = indexAt(task.offsets, batch.firstRow + i + 1);
      if (at == end) continue;
      const stop = pieceEnd(task.columns, at, end, limit);
      const shift = i * rowBytes;
      pullEntries(task, runScratch, at, stop, vectors + shift, bias, products, Ap + shift);
      store<u32>(elementAt(cursors, i), <u32>stop);
    }
  }
  if (task.pinned < 0) return;
  for (let i: usize = 0; i < rowCount; i++) {
    store<f32>(elementAt(Ap + i * rowBytes, task.pinned), 0);
  }
}

/**
 * What the last step needs, which has no use for a residual: Ap = (u·gram + λI)·directions
 * and products; the neighbours are read once instead of twice.
 */
export function applyLast(task: Task, batch: Batch): void {
  const rowBytes = task.stride << 2;
  const runScratch = batch.runScratch;
  const rowCount = batch.rowCount;
  const directions = batch.directions;
  const cursors = batch.cursors;
  const products = batch.products;
  multiplyByGram(
    task, batch.panels, batch.firstRow, rowCount, directions, batch.Ap, 0, rowBytes,
  );
  startWalk(task, batch);
  for (let limit: usize = 0; limit != usize.MAX_VALUE; ) {
    const start = limit;
    limit = nextLimit(task, batch, limit);
    prefetch(task, batch, start, limit);
    for (let i: usize = 0; i < rowCount; i++) {
      const at = indexAt(cursors, i);
      const end = indexAt(task.offsets, batch.firstRow + i + 1);
      if (at == end) continue;
      const stop = pieceEnd(task.columns, at, end, limit);
      const vector = directions + i * rowBytes;
      dotEntries(task, runScratch, task.columns, at, stop, vector, products);
      store<u32>(elementAt(cursors, i), <u32>stop);
    }
  }
}

/** Cursors to the first entry of a row, or past its last one if the row has converged. */
function startWalk(task: Task, batch: Batch): void {
  for (let i: usize = 0; i < batch.rowCount; i++) {
    const isConverged = load<f32>(elementAt(batch.rsold, i)) == 0;
    const row = batch.firstRow + i + (isConverged ? 1 : 0);
    store<u32>(elementAt(batch.cursors, i), <u32>indexAt(task.offsets, row));
  }
}

/**
 * Column where the chunk after `limit` ends; the last chunk takes everything. A batch with less
 * than an entry for every row of the fixed side has no use for chunks, and walks it as one.
 */
// @ts-ignore: decorator
@inline
function nextLimit(task: Task, batch: Batch, limit: usize): usize {
  const isLast = task.fixedRowCount - limit <= task.chunkRows || batch.isSparse;
  return isLast ? usize.MAX_VALUE : limit + task.chunkRows;
}

/** Reads a chunk once from front to back, which memory does faster than the leaps of the walk. */
function prefetch(task: Task, batch: Batch, start: usize, limit: usize): void {
  if (batch.isSparse) return;
  const rowBytes = task.stride << 2;
  const end = task.fixed + min(limit, task.fixedRowCount) * rowBytes;
  let sum: i32 = 0;
  for (let line = task.fixed + start * rowBytes; line < end; line += 64) sum += load<i32>(line);
  batch.prefetched = sum;
}

/**
 * Where a row leaves the chunk that ends at column `limit`: in whole groups of eight, for the sake
 * of `dotEight`; the few entries that are left behind go with the next chunk.
 */
function pieceEnd(columns: usize, at: usize, end: usize, limit: usize): usize {
  if (indexAt(columns, end - 1) < limit) return end;
  while (end - at >= 8 && indexAt(columns, at + 7) < limit) at += 8;
  return at;
}
