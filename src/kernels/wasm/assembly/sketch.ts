import { confidences, targets } from './confidence';
import { checkRegion, guardRegion, regionBytes } from './guards';
import { setScaled, sumOfLanes } from './lanes';
import { addRun, findRows, lastOf, runEntries, RunScratch, runScratchBytes, weightsOf } from './run';
import { elementAt, indexAt, isStopped, Outcome, Task } from './task';

/** Bytes of scratch memory that `sketchRows` uses. */
export function sketchBytes(): usize {
  return regionBytes(runScratchBytes);
}

/** Every row of the block: the weighted mean of its neighbours; see `BlockTask` in kernel.ts. */
export function sketchRows(task: Task): i32 {
  const rowBytes = task.stride << 2;
  const runScratch = changetype<RunScratch>(task.scratch);
  guardRegion(task.scratch, runScratchBytes);
  const unobserved = <f64>task.unobservedWeight * <f64>task.fixedTotal;
  const endRow = task.firstRow + task.rowCount;
  for (let row = task.firstRow; row < endRow; row++) {
    if (isStopped(task)) return Outcome.stopped;
    const x = task.after + row * rowBytes;
    memory.fill(x, 0, rowBytes);
    let mass = unobserved;
    const end = indexAt(task.offsets, row + 1);
    for (let at = indexAt(task.offsets, row); at < end; at += runEntries) {
      const count = min(end - at, runEntries);
      findRows(task, runScratch, elementAt(task.columns, at), count, 0);
      mass += weighTargets(task, runScratch, elementAt(task.ratings, at), count);
      addRun(task, runScratch, count, x);
    }
    if (mass > 0) setScaled(<f32>(1 / mass), x, x, rowBytes);
    else memory.fill(x, 0, rowBytes);
  }
  checkRegion(task.scratch, runScratchBytes);
  return Outcome.done;
}

/** The run's weights c·t, and 0 up to the next multiple of four; returns Σ c·|t|. */
function weighTargets(task: Task, runScratch: RunScratch, ratings: usize, count: usize): f64 {
  let weights = weightsOf(runScratch);
  let sum = f32x4.splat(0);
  for (const whole = elementAt(weights, count & ~3); weights < whole; weights += 16) {
    const weight = weightsFrom(task, v128.load(ratings));
    v128.store(weights, weight);
    sum = f32x4.add(sum, f32x4.abs(weight));
    ratings += 16;
  }
  const left = count & 3;
  if (left == 0) return sumOfLanes(sum);
  v128.store(weights, weightsFrom(task, lastOf(runScratch, ratings, left)));
  for (let i = left; i < 4; i++) store<f32>(elementAt(weights, i), 0);
  return sumOfLanes(f32x4.add(sum, f32x4.abs(v128.load(weights))));
}

// @ts-ignore: decorator
@inline
function weightsFrom(task: Task, ratings: v128): v128 {
  return f32x4.mul(confidences(task, ratings), targets(task, ratings));
}
