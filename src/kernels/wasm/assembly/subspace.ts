import { endOfBatch } from './batch';
import { addErrors, addHeldOutErrors, addRegularization, clearSums, errorTile } from './error-sums';
import { clearCoordinate, factorise, substitute } from './factorisation';
import { writeBlockGram } from './gram';
import { multiplyByGram, packGram } from './gram-product';
import { addScaled, setScaled } from './lanes';
import { dotEntries, dotSubspace } from './row-products';
import { addEntries } from './subspace-entries';
import { Workshop, checkWorkshop, createWorkshop } from './subspace-workshop';
import { Outcome, Task, elementAt, indexAt, isStopped, observedSums } from './task';
import { solveWide } from './wide-system';

/**
 * Takes every row of the block one sweep over subspaces of `subspaceSize` dimensions towards the
 * solution of A·x = b (iALS++; Rendle, Krichene, Zhang, Koren 2021):
 *
 *     x_S ← x_S − A_SS⁻¹·(A·x − b)_S
 *
 * The observed part of A·x comes from the predictions, which are kept up to date. The rows of a batch
 * go through each subspace together and share its part of the Gram matrix.
 *
 * After two iterations factors are within 7e-6 of float64 ones (relative, Frobenius norm, the
 * problems of the kernel suite at ranks 1 to 512).
 *
 * Stops at the first row whose system is singular and names it in `task.singularRow`.
 */
export function solveBySubspaces(task: Task): i32 {
  clearSums(task);
  const workshop = createWorkshop(task);
  if (task.unobservedWeight != 0) packGram(task, workshop.panels);
  const rowBytes = task.stride << 2;
  const blockEnd = task.firstRow + task.rowCount;
  let row = task.firstRow;
  while (row < blockEnd) {
    const end = endOfBatch(task, row);
    assert(end - row <= task.batchRows, 'more rows than fit');
    workshop.predictions = workshop.predictionsStart - (indexAt(task.offsets, row) << 2);
    start(task, workshop, row, end);
    for (let first: usize = 0; first < task.stride; first += task.subspaceSize) {
      workshop.first = first;
      workshop.width = min(task.subspaceSize, task.stride - first);
      multiplyByGram(
        task, workshop.panels, row, end - row, task.after + row * rowBytes, workshop.products,
        first << 2, (first + workshop.width) << 2,
      );
      for (let i = row; i < end; i++) {
        if (isStopped(task)) return Outcome.stopped;
        const product = workshop.products + (i - row) * rowBytes;
        if (!solveSubspace(task, workshop, i, product)) {
          task.singularRow = i;
          return Outcome.singular;
        }
      }
    }
    addSums(task, workshop, row, end);
    row = end;
  }
  checkWorkshop(task, workshop);
  writeBlockGram(task);
  return Outcome.done;
}

/** x = last value, or zero without entries, but for what is pinned; predictions = y·x. */
function start(task: Task, workshop: Workshop, row: usize, end: usize): void {
  const rowBytes = task.stride << 2;
  for (; row < end; row++) {
    const x = task.after + row * rowBytes;
    const at = indexAt(task.offsets, row);
    const stop = indexAt(task.offsets, row + 1);
    if (at == stop) {
      memory.fill(x, 0, rowBytes);
      if (task.pinned >= 0) store<f32>(elementAt(x, task.pinned), 1);
      continue;
    }
    memory.copy(x, task.before + row * rowBytes, rowBytes);
    dotEntries(task, workshop.runScratch, task.columns, at, stop, x, workshop.predictions);
  }
}

/**
 * One row's step in the subspace, and the predictions with it.
 *
 * @param product the row's (u·gram + λI)·x
 * @returns false if the system is singular
 */
function solveSubspace(task: Task, workshop: Workshop, row: usize, product: usize): bool {
  const at = indexAt(task.offsets, row);
  const end = indexAt(task.offsets, row + 1);
  if (at == end) return true;
  const first = workshop.first;
  const width = workshop.width;
  const slope = workshop.slope;
  memory.copy(slope, elementAt(product, first), width << 2);
  startSystem(task, workshop, load<f32>(elementAt(task.regularizers, row)));
  addEntries(task, workshop, at, end);
  const pinned = <usize>task.pinned - first;
  if (task.pinned >= 0 && pinned < width) {
    store<f32>(elementAt(slope, pinned), 0);
    clearCoordinate(workshop.system, width, pinned);
  }
  const x = task.after + ((row * task.stride) << 2);
  if (!factorise(workshop.system, min(width, task.rank - first), width)) {
    if (!solveWide(task, row, x, first, width, workshop.room)) return false;
    dotEntries(task, workshop.runScratch, task.columns, at, end, x, workshop.predictions);
    return true;
  }
  substitute(workshop.system, width, slope);
  addScaled(-1, slope, elementAt(x, first), width << 2);
  movePredictions(task, workshop, at, end);
  return true;
}

/** system = u·gram + λI in the subspace, its upper triangle in squares of four; 1 where padding is. */
function startSystem(task: Task, workshop: Workshop, lambda: f32): void {
  const first = workshop.first;
  const width = workshop.width;
  const rowBytes = task.stride << 2;
  for (let i: usize = 0; i < width; i++) {
    const square = i & ~3;
    const to = workshop.system + ((i * width + square) << 2);
    const bytes = (width - square) << 2;
    if (task.unobservedWeight == 0) memory.fill(to, 0, bytes);
    else {
      const from = task.gram + (first + i) * rowBytes + ((first + square) << 2);
      setScaled(task.unobservedWeight, from, to, bytes);
    }
    const diagonal = elementAt(to, i - square);
    store<f32>(diagonal, first + i < task.rank ? load<f32>(diagonal) + lambda : 1);
  }
}

/** predictions −= y·step in the subspace. */
function movePredictions(task: Task, workshop: Workshop, at: usize, end: usize): void {
  const shift = workshop.first << 2;
  const bytes = workshop.width << 2;
  const products = workshop.plain;
  while (at < end) {
    const stop = min(end, at + errorTile);
    dotSubspace(
      task, workshop.runScratch, task.columns, at, stop, shift, bytes, workshop.slope,
      products - (at << 2),
    );
    let product = products;
    for (; stop - at >= 4; at += 4) {
      const to = elementAt(workshop.predictions, at);
      v128.store(to, f32x4.sub(v128.load(to), v128.load(product)));
      product += 16;
    }
    for (; at < stop; at++) {
      const to = elementAt(workshop.predictions, at);
      store<f32>(to, load<f32>(to) - load<f32>(product));
      product += 4;
    }
  }
}

/** Adds the sums of every row, in the order of rows. */
function addSums(task: Task, workshop: Workshop, row: usize, end: usize): void {
  for (; row < end; row++) {
    addRegularization(task, row);
    if (!task.measured) continue;
    const first = indexAt(task.offsets, row);
    const count = indexAt(task.offsets, row + 1) - first;
    const predictions = elementAt(workshop.predictions, first);
    addErrors(task, observedSums(task), elementAt(task.ratings, first), predictions, count);
    addHeldOutErrors(task, workshop.runScratch, row, workshop.plain);
  }
}
