import { confidences, extras, targets } from './confidence';
import { setScaled } from './lanes';
import { addOuterUpper, spreadStep } from './outer';
import { elementAt, indexAt, Task } from './task';

/** Neighbours gathered before they are added to the system together. */
const tileRows: usize = 32;

/** Bytes of a tile of neighbours, spread. */
export function neighbourTileBytes(stride: usize): usize {
  return tileRows * spreadStep(stride << 2);
}

/**
 * The upper triangle of A in squares of four, and b, of one row; `b` comes zeroed.
 *
 * @param weighted a tile, for e·y
 * @param plain a tile, for y
 */
export function formSystem(
  task: Task,
  row: usize,
  system: usize,
  b: usize,
  weighted: usize,
  plain: usize,
): void {
  const stride = task.stride;
  const rowBytes = stride << 2;
  const step = spreadStep(rowBytes);
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
    for (let i: usize = 0; i < count; i++) gather(task, at + i, i * step, b, weighted, plain);
    addOuterUpper(1, weighted, plain, count, step, system, stride, 0, stride);
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
  const extra = extras(task, c);
  const wanted = f32x4.mul(c, targets(task, r));
  for (let lane: usize = 0; lane < rowBytes; lane += 16) {
    const lanes = v128.load(y + lane);
    v128.store(plain + to + lane, lanes);
    v128.store(weighted + to + lane, f32x4.mul(extra, lanes));
    v128.store(b + lane, f32x4.add(v128.load(b + lane), f32x4.mul(wanted, lanes)));
  }
}
