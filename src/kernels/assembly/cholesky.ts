import { confidences, targets } from './confidence';
import {
  addHeldOutErrors,
  addObservedErrors,
  addRegularization,
  clearSums,
  errorTile,
} from './error-sums';
import { writeBlockGram } from './gram';
import { addScaled, dot, setScaled } from './lanes';
import { addOuterUpper } from './outer';
import { Bench, benchBytes } from './row-products';
import { elementAt, indexAt, isStopped, Outcome, Task } from './task';

/** Neighbours gathered before they are added to the system together. */
const tileRows: usize = 32;

/**
 * A pivot at or below this share of rank times the largest diagonal element is rounding error, and
 * what it would divide is too.
 */
const roundingShare: f32 = 4e-8;

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

/**
 * A = UᵀU in place, four rows at a time: what the rows above take away is one register-blocked
 * product, the rest stays within the four rows.
 *
 * With λ > 0 every true pivot is at least λ. One that drowns in rounding error belongs to a direction
 * that float32 cannot tell from the others; its coordinate of the solution is set to 0.
 *
 * @returns false if a pivot is rounding error and λ is 0, or if it is not a number
 */
function factorise(system: usize, rank: usize, stride: usize, lambda: f32): bool {
  const rowBytes = stride << 2;
  let largest: f32 = 0;
  for (let i: usize = 0; i < rank; i++) {
    largest = max(largest, load<f32>(system + i * rowBytes + (i << 2)));
  }
  const rounding = largest * roundingShare * <f32>max<usize>(rank, 25);

  for (let first: usize = 0; first < stride; first += 4) {
    addOuterUpper(-1, system, system, first, rowBytes, system, stride, first, first + 4);
    const bytes = (stride - first) << 2;
    for (let i = first; i < first + 4; i++) {
      const u = system + i * rowBytes + (first << 2);
      const diagonal = elementAt(u, i - first);
      const pivot = load<f32>(diagonal);
      if (i < rank && !(pivot > rounding)) {
        if (!(lambda > 0) || isNaN(pivot)) return false;
        memory.fill(u, 0, bytes);
        continue;
      }
      const reciprocal = <f32>1 / sqrt(pivot);
      setScaled(reciprocal, u, u, bytes);
      for (let j = i + 1; j < first + 4; j++) {
        const below = system + j * rowBytes + (first << 2);
        addScaled(-load<f32>(elementAt(u, j - first)), u, below, bytes);
      }
      store<f32>(diagonal, reciprocal);
    }
  }
  return true;
}

/** x = U⁻¹·U⁻ᵀ·x. */
function substitute(system: usize, stride: usize, x: usize): void {
  const rowBytes = stride << 2;
  for (let i: usize = 0; i < stride; i++) {
    const u = system + i * rowBytes;
    const z = load<f32>(elementAt(x, i)) * load<f32>(elementAt(u, i));
    store<f32>(elementAt(x, i), z);
    const square = (i | 3) + 1;
    for (let j = i + 1; j < square; j++) {
      const at = elementAt(x, j);
      store<f32>(at, load<f32>(at) - z * load<f32>(elementAt(u, j)));
    }
    addScaled(-z, elementAt(u, square), elementAt(x, square), (stride - square) << 2);
  }
  for (let i = stride; i-- > 0; ) {
    const u = system + i * rowBytes;
    const square = (i | 3) + 1;
    const bytes = (stride - square) << 2;
    let sum = load<f32>(elementAt(x, i)) - dot(elementAt(u, square), elementAt(x, square), bytes);
    for (let j = i + 1; j < square; j++) {
      sum -= load<f32>(elementAt(u, j)) * load<f32>(elementAt(x, j));
    }
    store<f32>(elementAt(x, i), sum * load<f32>(elementAt(u, i)));
  }
}
