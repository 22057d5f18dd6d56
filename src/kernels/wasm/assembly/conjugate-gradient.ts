import { applyLast, applySystem } from './apply-system';
import { Batch, checkBatch, createBatch, fillBatch } from './batch';
import { addErrors, addHeldOutErrors, addRegularization, clearSums } from './error-sums';
import { writeBlockGram } from './gram';
import { packGram } from './gram-product';
import { addScaled, dot, multiplyAdd, setScaled } from './lanes';
import { precondition, setDiagonal, setShares } from './preconditioner';
import { curvatureOfRow } from './row-products';
import { Outcome, Task, elementAt, indexAt, isStopped, observedSums } from './task';

/**
 * A row has converged when its squared residual is below this share of the first one: what is left is
 * rounding error, and soon denormal.
 */
const convergedShare: f32 = 1e-20;

/** Squared residuals in between leave room for what CG makes of them; see `rescale`. */
const minSquare: f32 = 1e-12;

const maxSquare: f32 = 1e12;

/**
 * A direction whose curvature is below this share of the largest one, times rank, is one that the
 * neighbours do not see. Each y·p is rounded at 2⁻²⁴·|y|·|p|, and the curvature sums their squares.
 */
const flatShare: f32 = 16 * 3.6e-15;

/**
 * Moves every row of the block from its last value `cgSteps` steps of conjugate gradient (Hestenes
 * and Stiefel 1952) towards A·x = b, with a diagonal preconditioner and without forming A:
 *
 *     A·v = (u·gram + λI)·v + Σ e·(y·v)·y
 *
 * A pinned coordinate has neither residual nor direction, so x stays in the space of the others.
 *
 * The rows of a batch take each step together and walk the fixed side in chunks that fit the
 * second-level cache: a chunk comes from memory once a step, not once a rating.
 */
export function solveByConjugateGradient(task: Task): i32 {
  clearSums(task);
  const batch = createBatch(task);
  if (task.unobservedWeight != 0) packGram(task, batch.panels);
  setDiagonal(task, batch);
  const end = task.firstRow + task.rowCount;
  for (let row = task.firstRow; row < end; row += batch.rowCount) {
    fillBatch(task, batch, row);
    start(task, batch);
    for (let step: usize = 1; step <= task.cgSteps; step++) {
      if (isStopped(task)) return Outcome.stopped;
      if (step < task.cgSteps) {
        applySystem(task, batch, batch.directions, 0, batch.products);
        advance(task, batch);
      } else {
        applyLast(task, batch);
        finish(task, batch);
      }
    }
    addSums(task, batch);
  }
  checkBatch(task, batch);
  writeBlockGram(task);
  return Outcome.done;
}

/** x = last value, residual = b − A·x, direction = residual / preconditioner. */
function start(task: Task, batch: Batch): void {
  const rowBytes = task.stride << 2;
  const x = task.after + batch.firstRow * rowBytes;
  memory.copy(x, task.before + batch.firstRow * rowBytes, batch.rowCount * rowBytes);
  for (let i: usize = 0; i < batch.rowCount; i++) {
    const row = batch.firstRow + i;
    const isEmpty = indexAt(task.offsets, row) == indexAt(task.offsets, row + 1);
    if (isEmpty) {
      memory.fill(x + i * rowBytes, 0, rowBytes);
      if (task.pinned >= 0) store<f32>(elementAt(x + i * rowBytes, task.pinned), 1);
    }
    store<f32>(elementAt(batch.rsold, i), isEmpty ? 0 : 1);
  }
  applySystem(task, batch, x, 1, batch.predictions);
  setShares(task, batch);
  for (let i: usize = 0; i < batch.rowCount; i++) {
    const at = i * rowBytes;
    if (load<f32>(elementAt(batch.rsold, i)) == 0) {
      memory.fill(batch.directions + at, 0, rowBytes);
      continue;
    }
    const residual = batch.residuals + at;
    setScaled(-1, batch.Ap + at, residual, rowBytes);
    let rsold = precondition(task, batch, i, residual, batch.directions + at);
    store<f32>(elementAt(batch.scales, i), 1);
    if (!(rsold > minSquare && rsold < maxSquare)) rsold = rescale(task, batch, i);
    store<f32>(elementAt(batch.rsold, i), rsold);
    store<f32>(elementAt(batch.floors, i), rsold * convergedShare);
    store<f32>(elementAt(batch.extents, i), rsold);
    store<f32>(elementAt(batch.steepest, i), 0);
  }
}

/**
 * Multiplies a row's residual, and so its directions, by the power of two that takes it to about 1, so
 * that squares neither overflow nor vanish under extreme weights; `move` divides by it. Powers of two
 * leave all bits of x as they are.
 *
 * @returns the new |residual|²
 */
function rescale(task: Task, batch: Batch, i: usize): f32 {
  const rowBytes = task.stride << 2;
  const residual = batch.residuals + i * rowBytes;
  let lanes = f32x4.splat(0);
  for (let at: usize = 0; at < rowBytes; at += 16) {
    lanes = f32x4.max(lanes, f32x4.abs(v128.load(residual + at)));
  }
  lanes = f32x4.max(lanes, v128.shuffle<f32>(lanes, lanes, 2, 3, 0, 1));
  const largest = max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1));
  if (!(largest < f32.MAX_VALUE)) return giveUp(task, batch, i);
  const exponent = <i32>(reinterpret<u32>(largest) >> 23);
  const scale = reinterpret<f32>(<u32>max(1, 254 - exponent) << 23);
  store<f32>(elementAt(batch.scales, i), scale);
  setScaled(scale, residual, residual, rowBytes);
  return precondition(task, batch, i, residual, batch.directions + i * rowBytes);
}

/** Marks a row whose system float32 cannot hold: it becomes NaN, which the phase's sums tell. */
function giveUp(task: Task, batch: Batch, i: usize): f32 {
  const rowBytes = task.stride << 2;
  const x = task.after + (batch.firstRow + i) * rowBytes;
  for (let at: usize = 0; at < task.rank; at++) {
    if (<i32>at != task.pinned) store<f32>(elementAt(x, at), f32.NaN);
  }
  return 0;
}

/**
 * Whether a step along the direction makes sense: whether its curvature is more than rounding error.
 * Marks the row if there is none to speak of.
 */
function isCurved(task: Task, batch: Batch, i: usize, curvature: f64): bool {
  if (!(abs(curvature) < f32.MAX_VALUE)) {
    giveUp(task, batch, i);
    return false;
  }
  const extent = load<f32>(elementAt(batch.extents, i));
  const steepest = load<f32>(elementAt(batch.steepest, i));
  if (!(curvature > flatShare * <f32>task.rank * steepest * extent)) return false;
  store<f32>(elementAt(batch.steepest, i), max(steepest, <f32>curvature / extent));
  return true;
}

/** x, residual and direction of every row one step on. */
function advance(task: Task, batch: Batch): void {
  const rowBytes = task.stride << 2;
  for (let i: usize = 0; i < batch.rowCount; i++) {
    const rsold = load<f32>(elementAt(batch.rsold, i));
    if (rsold == 0) continue;
    const shift = i * rowBytes;
    const direction = batch.directions + shift;
    const residual = batch.residuals + shift;
    const Ap = batch.Ap + shift;
    const curvature = dot(direction, Ap, rowBytes);
    if (!isCurved(task, batch, i, curvature)) {
      store<f32>(elementAt(batch.rsold, i), 0);
      continue;
    }
    const alpha = rsold / curvature;
    move(task, batch, i, alpha);
    addScaled(-alpha, Ap, residual, rowBytes);
    // A·direction is not needed any more.
    const rsnew = precondition(task, batch, i, residual, Ap);
    const isConverged = !(rsnew > load<f32>(elementAt(batch.floors, i)));
    store<f32>(elementAt(batch.rsold, i), isConverged ? 0 : rsnew);
    const beta = rsnew / rsold;
    const extent = elementAt(batch.extents, i);
    store<f32>(extent, rsnew + beta * beta * load<f32>(extent));
    const betas = f32x4.splat(beta);
    for (let lane: usize = 0; lane < rowBytes; lane += 16) {
      const direct = multiplyAdd(betas, v128.load(direction + lane), v128.load(Ap + lane));
      v128.store(direction + lane, direct);
    }
  }
}

/** x of every row its last step on. */
function finish(task: Task, batch: Batch): void {
  const rowBytes = task.stride << 2;
  for (let i: usize = 0; i < batch.rowCount; i++) {
    const rsold = load<f32>(elementAt(batch.rsold, i));
    if (rsold == 0) continue;
    const row = batch.firstRow + i;
    const first = indexAt(task.offsets, row);
    const count = indexAt(task.offsets, row + 1) - first;
    const shift = i * rowBytes;
    const curvature =
      <f64>dot(batch.directions + shift, batch.Ap + shift, rowBytes) +
      curvatureOfRow(
        task, elementAt(task.ratings, first), elementAt(batch.products, first), count,
      );
    if (isCurved(task, batch, i, curvature)) move(task, batch, i, <f32>(<f64>rsold / curvature));
  }
}

/** x += stepLength·step·direction / scale, and the predictions with it. */
function move(task: Task, batch: Batch, i: usize, step: f32): void {
  const rowBytes = task.stride << 2;
  const row = batch.firstRow + i;
  const alpha = (task.stepLength * step) / load<f32>(elementAt(batch.scales, i));
  addScaled(alpha, batch.directions + i * rowBytes, task.after + row * rowBytes, rowBytes);
  if (!task.measured) return;
  const factor = f32x4.splat(alpha);
  const end = indexAt(task.offsets, row + 1);
  let at = indexAt(task.offsets, row);
  for (; end - at >= 4; at += 4) {
    const to = elementAt(batch.predictions, at);
    const product = v128.load(elementAt(batch.products, at));
    v128.store(to, multiplyAdd(factor, product, v128.load(to)));
  }
  for (; at < end; at++) {
    const to = elementAt(batch.predictions, at);
    store<f32>(to, load<f32>(to) + alpha * load<f32>(elementAt(batch.products, at)));
  }
}

/** Adds the sums of every row, in the order of rows. */
function addSums(task: Task, batch: Batch): void {
  for (let i: usize = 0; i < batch.rowCount; i++) {
    const row = batch.firstRow + i;
    addRegularization(task, row);
    if (!task.measured) continue;
    const first = indexAt(task.offsets, row);
    const count = indexAt(task.offsets, row + 1) - first;
    const ratings = elementAt(task.ratings, first);
    addErrors(task, observedSums(task), ratings, elementAt(batch.predictions, first), count);
    addHeldOutErrors(task, batch.runScratch, row, batch.productsStart);
  }
}
