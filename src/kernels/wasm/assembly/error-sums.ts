import { confidences, preferences, targets } from './confidence';
import { dot, multiplyAdd, sumOfLanes } from './lanes';
import { dotEntries } from './row-products';
import { RunScratch } from './run';
import { elementAt, indexAt, ErrorSums, heldOutSums, observedSums, Task } from './task';

/** Entries summed in f32 before their sum joins the f64 total. */
export const errorTile: usize = 256;

/** All sums of the task to zero. */
export function clearSums(task: Task): void {
  task.regularization = 0;
  memory.fill(changetype<usize>(observedSums(task)), 0, 2 * offsetof<ErrorSums>());
}

/** Adds λ·|x|² of a solved row to the task's sum, without what is pinned; that is 1 afterwards. */
export function addRegularization(task: Task, row: usize): void {
  const rowBytes = task.stride << 2;
  const x = task.after + row * rowBytes;
  const lambda = load<f32>(elementAt(task.regularizers, row));
  if (task.pinned >= 0) store<f32>(elementAt(x, task.pinned), 0);
  task.regularization += <f64>lambda * <f64>dot(x, x, rowBytes);
  if (task.pinned >= 0) store<f32>(elementAt(x, task.pinned), 1);
}

/** Predicts the observed cells of a solved row and adds their errors. */
export function addObservedErrors(task: Task, runScratch: RunScratch, row: usize, tile: usize): void {
  const sums = observedSums(task);
  predictAndAdd(task, runScratch, task.offsets, task.columns, task.ratings, row, tile, sums);
}

/** Predicts the withheld cells of a solved row, if any, and adds their errors. */
export function addHeldOutErrors(task: Task, runScratch: RunScratch, row: usize, tile: usize): void {
  if (task.heldOutOffsets == 0) return;
  const offsets = task.heldOutOffsets;
  const columns = task.heldOutColumns;
  const ratings = task.heldOutRatings;
  predictAndAdd(task, runScratch, offsets, columns, ratings, row, tile, heldOutSums(task));
}

/** @param tile room for `errorTile` predictions */
function predictAndAdd(
  task: Task,
  runScratch: RunScratch,
  offsets: usize,
  columns: usize,
  ratings: usize,
  row: usize,
  tile: usize,
  sums: ErrorSums,
): void {
  const x = task.after + row * (task.stride << 2);
  const end = indexAt(offsets, row + 1);
  for (let at = indexAt(offsets, row); at < end; at += errorTile) {
    const stop = min(end, at + errorTile);
    dotEntries(task, runScratch, columns, at, stop, x, tile - (at << 2));
    addErrors(task, sums, elementAt(ratings, at), tile, stop - at);
  }
}

/** Adds the errors of `count` products y·x of a row, in f32 within tiles and f64 between them. */
export function addErrors(
  task: Task,
  sums: ErrorSums,
  ratings: usize,
  products: usize,
  count: usize,
): void {
  const offset = f32x4.splat(task.offset);
  let at: usize = 0;
  while (at + 4 <= count) {
    let squared = f32x4.splat(0);
    let absolute = squared;
    let squaredPreference = squared;
    let loss = squared;
    let squaredPrediction = squared;
    for (const stop = min(count & ~3, at + errorTile); at < stop; at += 4) {
      const r = v128.load(elementAt(ratings, at));
      const product = v128.load(elementAt(products, at));
      const d = f32x4.add(product, offset);
      const error = f32x4.sub(r, d);
      const preferenceError = f32x4.sub(preferences(r), d);
      const targetError = f32x4.sub(targets(task, r), product);
      squared = multiplyAdd(error, error, squared);
      absolute = f32x4.add(f32x4.abs(error), absolute);
      squaredPreference = multiplyAdd(preferenceError, preferenceError, squaredPreference);
      loss = multiplyAdd(f32x4.mul(confidences(task, r), targetError), targetError, loss);
      squaredPrediction = multiplyAdd(d, d, squaredPrediction);
    }
    sums.squared += sumOfLanes(squared);
    sums.absolute += sumOfLanes(absolute);
    sums.squaredPreference += sumOfLanes(squaredPreference);
    sums.loss += sumOfLanes(loss);
    sums.squaredPrediction += sumOfLanes(squaredPrediction);
  }
  for (; at < count; at++) {
    const r: f64 = load<f32>(elementAt(ratings, at));
    const d: f64 = <f64>load<f32>(elementAt(products, at)) + <f64>task.offset;
    const p: f64 = r > 0 ? 1 : 0;
    const t = task.implicit ? p : r;
    sums.squared += (r - d) * (r - d);
    sums.absolute += abs(r - d);
    sums.squaredPreference += (p - d) * (p - d);
    sums.loss += (1 + <f64>task.alpha * r) * (t - d) * (t - d);
    sums.squaredPrediction += d * d;
  }
}
