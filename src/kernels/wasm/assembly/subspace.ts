import { endOfBatch } from './batch';
import { confidences, extras, targets } from './confidence';
import {
  addErrors,
  addHeldOutErrors,
  addRegularization,
  clearSums,
  errorTile,
} from './error-sums';
import { clearCoordinate, factorise, substitute } from './factorisation';
import { writeBlockGram } from './gram';
import { multiplyByGram, packGram } from './gram-product';
import { checkRegion, guardRegion, regionBytes } from './guards';
import { addScaled, multiplyAdd, setScaled } from './lanes';
import { addOuterUpper } from './outer';
import { dotEntries, dotSubspace } from './row-products';
import { RunScratch, runScratchBytes } from './run';
import { elementAt, indexAt, isStopped, observedSums, Outcome, Task } from './task';
import { solveWide, wideBytes } from './wide-system';

/** Neighbours gathered before they are added to the system together. */
const tileRows: usize = 32;

/**
 * What the rows of a batch share, and the scratch memory they are solved in; d is `subspaceSize`:
 *
 *     panels        stride × stride f32      u·gram, see gram-product.ts
 *     products      batchRows × stride f32   (u·gram + λI)·x, the subspace's columns
 *     predictions   batchEntries f32         y·x of every entry
 *     slope         d f32                    the gradient in the subspace, then the step
 *     system        d × d f32                A in the subspace, then U
 *     weighted      tileRows × d f32         e·y
 *     plain         tileRows × d f32         y; or a tile of products, afterwards
 *     room          see wide-system.ts       where f32 does not suffice
 */
@unmanaged
class Workshop {
  runScratch: RunScratch;
  panels: usize;
  products: usize;
  predictionsStart: usize;
  slope: usize;
  system: usize;
  weighted: usize;
  plain: usize;
  room: usize;

  /** Array whose element e belongs to entry e, although only the batch's part exists. */
  predictions: usize;
  /** The subspace in turn: its first dimension, and how many it has with their padding. */
  first: usize;
  width: usize;
}

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

/** Bytes of scratch memory that `solveBySubspaces` uses. */
export function subspaceBytes(
  stride: usize,
  size: usize,
  batchRows: usize,
  batchEntries: usize,
): usize {
  return (
    regionBytes(offsetof<Workshop>()) +
    regionBytes(runScratchBytes) +
    regionBytes((stride * stride) << 2) +
    regionBytes((batchRows * stride) << 2) +
    regionBytes(batchEntries << 2) +
    regionBytes(size << 2) +
    regionBytes((size * size) << 2) +
    regionBytes((tileRows * size) << 2) +
    regionBytes(max(tileRows * size, errorTile) << 2) +
    regionBytes(wideBytes(size))
  );
}

/** Lays the scratch memory out. */
function createWorkshop(task: Task): Workshop {
  const size = task.subspaceSize;
  const workshop = changetype<Workshop>(task.scratch);
  let at = guardRegion(task.scratch, offsetof<Workshop>());
  workshop.runScratch = changetype<RunScratch>(at);
  at = guardRegion(at, runScratchBytes);
  workshop.panels = at;
  at = guardRegion(at, (task.stride * task.stride) << 2);
  workshop.products = at;
  at = guardRegion(at, (task.batchRows * task.stride) << 2);
  workshop.predictionsStart = at;
  at = guardRegion(at, task.batchEntries << 2);
  workshop.slope = at;
  at = guardRegion(at, size << 2);
  workshop.system = at;
  at = guardRegion(at, (size * size) << 2);
  workshop.weighted = at;
  at = guardRegion(at, (tileRows * size) << 2);
  workshop.plain = at;
  at = guardRegion(at, max(tileRows * size, errorTile) << 2);
  workshop.room = at;
  guardRegion(at, wideBytes(size));
  return workshop;
}

/** In debug builds, fails if a store has left its region of the scratch memory. */
function checkWorkshop(task: Task, workshop: Workshop): void {
  const size = task.subspaceSize;
  checkRegion(task.scratch, offsetof<Workshop>());
  checkRegion(changetype<usize>(workshop.runScratch), runScratchBytes);
  checkRegion(workshop.panels, (task.stride * task.stride) << 2);
  checkRegion(workshop.products, (task.batchRows * task.stride) << 2);
  checkRegion(workshop.predictionsStart, task.batchEntries << 2);
  checkRegion(workshop.slope, size << 2);
  checkRegion(workshop.system, (size * size) << 2);
  checkRegion(workshop.weighted, (tileRows * size) << 2);
  checkRegion(workshop.plain, max(tileRows * size, errorTile) << 2);
  checkRegion(workshop.room, wideBytes(size));
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

/** system += Σ e·y·yᵀ and slope += Σ (e·prediction − c·t)·y in the subspace. */
function addEntries(task: Task, workshop: Workshop, at: usize, end: usize): void {
  const widthBytes = workshop.width << 2;
  const weighted = workshop.weighted;
  const plain = workshop.plain;
  for (; at < end; at += tileRows) {
    const count = min(tileRows, end - at);
    let i: usize = 0;
    for (; i + 4 <= count; i += 4) gatherFour(task, workshop, at + i, i * widthBytes);
    for (; i < count; i++) gather(task, workshop, at + i, i * widthBytes);
    const width = workshop.width;
    addOuterUpper(1, weighted, plain, count, widthBytes, workshop.system, width, 0, width);
  }
}

/** One neighbour into the tiles and into the slope. */
// @ts-ignore: decorator
@inline
function gather(task: Task, workshop: Workshop, entry: usize, to: usize): void {
  const widthBytes = workshop.width << 2;
  const slope = workshop.slope;
  const weighted = workshop.weighted + to;
  const plain = workshop.plain + to;
  const y = task.fixed + ((indexAt(task.columns, entry) * task.stride + workshop.first) << 2);
  const r = v128.load32_splat(elementAt(task.ratings, entry));
  const c = confidences(task, r);
  const extra = extras(task, c);
  const prediction = v128.load32_splat(elementAt(workshop.predictions, entry));
  const pull = f32x4.sub(f32x4.mul(extra, prediction), f32x4.mul(c, targets(task, r)));
  for (let lane: usize = 0; lane < widthBytes; lane += 16) {
    const lanes = v128.load(y + lane);
    v128.store(plain + lane, lanes);
    v128.store(weighted + lane, f32x4.mul(extra, lanes));
    v128.store(slope + lane, multiplyAdd(pull, lanes, v128.load(slope + lane)));
  }
}

/** As `gather`, for four neighbours in their order, which share the loads and stores of the slope. */
function gatherFour(task: Task, workshop: Workshop, entry: usize, to: usize): void {
  const widthBytes = workshop.width << 2;
  const rowBytes = task.stride << 2;
  const fixed = task.fixed + (workshop.first << 2);
  let y0 = fixed + indexAt(task.columns, entry) * rowBytes;
  let y1 = fixed + indexAt(task.columns, entry + 1) * rowBytes;
  let y2 = fixed + indexAt(task.columns, entry + 2) * rowBytes;
  let y3 = fixed + indexAt(task.columns, entry + 3) * rowBytes;
  const r = v128.load(elementAt(task.ratings, entry));
  const c = confidences(task, r);
  const extra = extras(task, c);
  const prediction = v128.load(elementAt(workshop.predictions, entry));
  const pull = f32x4.sub(f32x4.mul(extra, prediction), f32x4.mul(c, targets(task, r)));
  const e0 = v128.shuffle<f32>(extra, extra, 0, 0, 0, 0);
  const e1 = v128.shuffle<f32>(extra, extra, 1, 1, 1, 1);
  const e2 = v128.shuffle<f32>(extra, extra, 2, 2, 2, 2);
  const e3 = v128.shuffle<f32>(extra, extra, 3, 3, 3, 3);
  const p0 = v128.shuffle<f32>(pull, pull, 0, 0, 0, 0);
  const p1 = v128.shuffle<f32>(pull, pull, 1, 1, 1, 1);
  const p2 = v128.shuffle<f32>(pull, pull, 2, 2, 2, 2);
  const p3 = v128.shuffle<f32>(pull, pull, 3, 3, 3, 3);
  const apart = workshop.weighted - workshop.plain;
  let plain0 = workshop.plain + to;
  let plain1 = plain0 + widthBytes;
  let plain2 = plain1 + widthBytes;
  let plain3 = plain2 + widthBytes;
  let slope = workshop.slope;
  for (const end = slope + widthBytes; slope < end; slope += 16) {
    let sum = v128.load(slope);
    const a = v128.load(y0);
    v128.store(plain0, a);
    v128.store(plain0 + apart, f32x4.mul(e0, a));
    sum = multiplyAdd(p0, a, sum);
    const b = v128.load(y1);
    v128.store(plain1, b);
    v128.store(plain1 + apart, f32x4.mul(e1, b));
    sum = multiplyAdd(p1, b, sum);
    const d = v128.load(y2);
    v128.store(plain2, d);
    v128.store(plain2 + apart, f32x4.mul(e2, d));
    sum = multiplyAdd(p2, d, sum);
    const f = v128.load(y3);
    v128.store(plain3, f);
    v128.store(plain3 + apart, f32x4.mul(e3, f));
    v128.store(slope, multiplyAdd(p3, f, sum));
    y0 += 16;
    y1 += 16;
    y2 += 16;
    y3 += 16;
    plain0 += 16;
    plain1 += 16;
    plain2 += 16;
    plain3 += 16;
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
