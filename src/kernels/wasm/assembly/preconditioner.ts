import { Batch } from './batch';
import { confidences, extras } from './confidence';
import { multiplyAdd, sumOfLanes } from './lanes';
import { elementAt, indexAt, Task } from './task';

/*
 * About the diagonal of a row's system, from what all rows share (see kernel.ts), divided by its largest
 * element:
 *
 *     M = max(share·diagonal + 1 − share, smallestShare)   share = 1 / (1 + λ / (w·g))   w = u + Σ e / N
 *
 * with g the largest element of the Gram matrix's diagonal.
 */

const smallestShare: f32 = 1.0 / 1048576.0;

/** What the preconditioners of all rows share; all 1 if the fixed side has nothing. */
export function setDiagonal(task: Task, batch: Batch): void {
  const largest = largestOfGram(task);
  for (let i: usize = 0; i < task.stride; i++) {
    const share: f32 = largest > 0 ? gramDiagonal(task, i) / largest : 1;
    store<f32>(elementAt(batch.diagonal, i), share);
  }
}

/** What is a row's own. */
export function setShares(task: Task, batch: Batch): void {
  const largest = largestOfGram(task);
  for (let i: usize = 0; i < batch.rowCount; i++) {
    const row = batch.firstRow + i;
    const lambda = load<f32>(elementAt(task.regularizers, row));
    const weight = <f64>task.unobservedWeight + sumOfExtras(task, row) / <f64>task.fixedTotal;
    const product = weight * <f64>largest;
    const share: f32 = product > 0 ? <f32>(1 / (1 + <f64>lambda / product)) : 1;
    store<f32>(elementAt(batch.shares, i), share);
  }
}

/** out = residual / M of a row of the batch; returns residual·out. */
export function precondition(task: Task, batch: Batch, i: usize, residual: usize, out: usize): f32 {
  const rowBytes = task.stride << 2;
  const share = load<f32>(elementAt(batch.shares, i));
  const shares = f32x4.splat(share);
  const rest = f32x4.splat(1 - share);
  const least = f32x4.splat(smallestShare);
  let sum = f32x4.splat(0);
  for (let at: usize = 0; at < rowBytes; at += 16) {
    const diagonal = f32x4.max(multiplyAdd(shares, v128.load(batch.diagonal + at), rest), least);
    const r = v128.load(residual + at);
    const z = f32x4.div(r, diagonal);
    v128.store(out + at, z);
    sum = multiplyAdd(r, z, sum);
  }
  return sumOfLanes(sum);
}

/** Σ e over the entries of a row. */
function sumOfExtras(task: Task, row: usize): f64 {
  let at = elementAt(task.ratings, indexAt(task.offsets, row));
  const end = elementAt(task.ratings, indexAt(task.offsets, row + 1));
  let total: f64 = 0;
  while (at + 16 <= end) {
    let sum = f32x4.splat(0);
    // At most 256 entries in f32, then f64.
    for (const stop = at + min((end - at) & ~15, 1024); at < stop; at += 16) {
      sum = f32x4.add(sum, extras(task, confidences(task, v128.load(at))));
    }
    total += sumOfLanes(sum);
  }
  for (; at < end; at += 4) total += 1 + task.alpha * load<f32>(at) - task.observedShare;
  return total;
}

function largestOfGram(task: Task): f32 {
  let largest: f32 = 0;
  for (let i: usize = 0; i < task.rank; i++) largest = max(largest, gramDiagonal(task, i));
  return largest;
}

function gramDiagonal(task: Task, i: usize): f32 {
  return load<f32>(elementAt(task.gram, i * (task.stride + 1)));
}
