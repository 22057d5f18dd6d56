import { confidences, targets } from './confidence';
import {
  addHeldOutErrors,
  addObservedErrors,
  addRegularization,
  clearSums,
  errorTile,
} from './error-sums';
import { factorise, substitute } from './factorisation';
import { writeBlockGram } from './gram';
import { setScaled } from './lanes';
import { addOuterUpper } from './outer';
import { Bench, benchBytes } from './row-products';
import { elementAt, indexAt, isStopped, Outcome, Task } from './task';

/** Neighbours gathered before they are added to the system together. */
const tileRows: usize = 32;

/**
 * Solves the normal equations of every row of the block exactly: A = UᵀU with U upper triangular.
 *
 *     scratch   bench                        see row-products.ts
 *               system   stride × stride f32 A, then U, whose diagonal holds reciprocals
 *               weighted tileRows × stride   (c − u)·y
 *               plain    tileRows × stride   y; or the tile of predictions, afterwards
 *
 * Stops at the first row whose system is singular and names it in `task.singularRow`.
 */
export function solveByCholesky(task: Task): i32 {
  clearSums(task);
  const stride = task.stride;
  const rowBytes = stride << 2;
  const bench = changetype<Bench>(task.scratch);
  const system = task.scratch + benchBytes;
  const weighted = system + stride * rowBytes;
  const plain = weighted + tileRows * rowBytes;

  const end = task.firstRow + task.rowCount;
  for (let row = task.firstRow; row < end; row++) {
    if (isStopped(task)) return Outcome.stopped;
    const x = task.after + row * rowBytes;
    memory.fill(x, 0, rowBytes);
    if (indexAt(task.offsets, row) != indexAt(task.offsets, row + 1)) {
      formSystem(task, row, system, x, weighted, plain);
      if (!factorise(system, task.rank, stride, load<f32>(elementAt(task.regularizers, row)))) {
        task.singularRow = row;
        return Outcome.singular;
      }
      substitute(system, stride, x);
    }
    addRegularization(task, row);
    if (task.measured) {
      addObservedErrors(task, bench, row, plain);
      addHeldOutErrors(task, bench, row, plain);
    }
  }
  writeBlockGram(task);
  return Outcome.done;
}

/** Bytes of scratch memory that `solveByCholesky` uses. */
export function choleskyBytes(stride: usize): usize {
  const tile = max(tileRows * stride, errorTile);
  return benchBytes + ((stride * stride + tileRows * stride + tile) << 2);
}

/** The upper triangle of A in squares of four, and b, of one row; `b` comes zeroed. */
function formSystem(
  task: Task,
  row: usize,
  system: usize,
  b: usize,
  weighted: usize,
  plain: usize,
): void {
  const stride = task.stride;
  const rowBytes = stride << 2;
  if (task.unobservedWeight == 0) memory.fill(system, 0, stride * rowBytes);
  else setScaled(task.unobservedWeight, task.gram, system, stride * rowBytes);
  const lambda = load<f32>(elementAt(task.regularizers, row));
  for (let i: usize = 0; i < stride; i++) {
    const diagonal = system + i * rowBytes + (i << 2);
    store<f32>(diagonal, i < task.rank ? load<f32>(diagonal) + lambda : 1);
  }

  const end = indexAt(task.offsets, row + 1);
  for (let at = indexAt(task.offsets, row); at < end; at += tileRows) {
    const count = min(tileRows, end - at);
    for (let i: usize = 0; i < count; i++) gather(task, at + i, i * rowBytes, b, weighted, plain);
    addOuterUpper(1, weighted, plain, count, rowBytes, system, stride, 0, stride);
  }
}

/** One neighbour into the tiles and into b. */
// @ts-ignore: decorator
@inline
function gather(task: Task, entry: usize, to: usize, b: usize, weighted: usize, plain: usize): void {
  const rowBytes = task.stride << 2;
  const y = task.fixed + indexAt(task.columns, entry) * rowBytes;
  const r = v128.load32_splat(elementAt(task.ratings, entry));
  const c = confidences(task, r);
  const extra = f32x4.sub(c, f32x4.splat(task.unobservedWeight));
  const wanted = f32x4.mul(c, targets(task, r));
  for (let lane: usize = 0; lane < rowBytes; lane += 16) {
    const lanes = v128.load(y + lane);
    v128.store(plain + to + lane, lanes);
    v128.store(weighted + to + lane, f32x4.mul(extra, lanes));
    v128.store(b + lane, f32x4.add(v128.load(b + lane), f32x4.mul(wanted, lanes)));
  }
}
