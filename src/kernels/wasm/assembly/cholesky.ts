import {
  addHeldOutErrors,
  addObservedErrors,
  addRegularization,
  clearSums,
  errorTile,
} from './error-sums';
import { clearCoordinate, factorise, isHeld, substitute } from './factorisation';
import { writeBlockGram } from './gram';
import { checkRegion, guardRegion, regionBytes } from './guards';
import { nonnegativeBytes, solveNonnegative } from './nonnegative';
import { formSystem, neighbourTileBytes } from './normal-equations';
import { RunScratch, runScratchBytes } from './run';
import { elementAt, indexAt, isStopped, Outcome, Task } from './task';
import { solveWide, wideBytes } from './wide-system';

/**
 * Solves the normal equations of every row of the block exactly: A = UᵀU with U upper triangular, or
 * by coordinate descent where no element may be negative; in f64 where f32 does not suffice.
 *
 *     scratch   runScratch                        see run.ts
 *               system   stride × stride f32 A, then U, whose diagonal holds reciprocals
 *               weighted a tile of e·y, see normal-equations.ts
 *               plain    a tile of y; or the tile of products, afterwards
 *               room                         f64, see wide-system.ts and nonnegative.ts
 *
 * Stops at the first row whose system is singular and names it in `task.singularRow`.
 */
export function solveByCholesky(task: Task): i32 {
  clearSums(task);
  const stride = task.stride;
  const rowBytes = stride << 2;
  const runScratch = changetype<RunScratch>(task.scratch);
  const system = guardRegion(task.scratch, runScratchBytes);
  const weighted = guardRegion(system, stride * rowBytes);
  const plain = guardRegion(weighted, neighbourTileBytes(stride));
  const room = guardRegion(plain, plainBytes(stride));
  guardRegion(room, roomBytes(stride, task.nonnegative));

  const end = task.firstRow + task.rowCount;
  for (let row = task.firstRow; row < end; row++) {
    if (isStopped(task)) return Outcome.stopped;
    const x = task.after + row * rowBytes;
    memory.fill(x, 0, rowBytes);
    if (indexAt(task.offsets, row) != indexAt(task.offsets, row + 1)) {
      formSystem(task, row, system, x, weighted, plain);
      if (task.nonnegative) {
        solveNonnegative(task, row, system, x, task.before + row * rowBytes, room);
      } else {
        if (task.pinned >= 0) pinCoordinate(system, stride, task.pinned, x);
        if (isHeld(x, rowBytes) && factorise(system, task.rank, stride)) {
          substitute(system, stride, x);
        } else {
          memory.fill(x, 0, rowBytes);
          if (task.pinned >= 0) store<f32>(elementAt(x, task.pinned), 1);
          if (!solveWide(task, row, x, 0, stride, room)) {
            task.singularRow = row;
            return Outcome.singular;
          }
        }
      }
    }
    addRegularization(task, row);
    if (task.measured) {
      addObservedErrors(task, runScratch, row, plain);
      addHeldOutErrors(task, runScratch, row, plain);
    }
  }
  checkRegion(task.scratch, runScratchBytes);
  checkRegion(system, stride * rowBytes);
  checkRegion(weighted, neighbourTileBytes(stride));
  checkRegion(plain, plainBytes(stride));
  checkRegion(room, roomBytes(stride, task.nonnegative));
  writeBlockGram(task);
  return Outcome.done;
}

/** Bytes of scratch memory that `solveByCholesky` uses. */
export function choleskyBytes(stride: usize, nonnegative: usize): usize {
  return (
    regionBytes(runScratchBytes) +
    regionBytes((stride * stride) << 2) +
    regionBytes(neighbourTileBytes(stride)) +
    regionBytes(plainBytes(stride)) +
    regionBytes(roomBytes(stride, nonnegative))
  );
}

function plainBytes(stride: usize): usize {
  return max(neighbourTileBytes(stride), errorTile << 2);
}

function roomBytes(stride: usize, nonnegative: usize): usize {
  return nonnegative ? nonnegativeBytes(stride) : wideBytes(stride);
}

/**
 * Makes the system one of the other coordinates with this one at 1: b −= its column. The solution has
 * 0 in its place, which `addRegularization` turns to 1.
 */
function pinCoordinate(system: usize, stride: usize, pinned: usize, b: usize): void {
  const rowBytes = stride << 2;
  for (let i: usize = 0; i < stride; i++) {
    const row = min(i, pinned);
    const at = system + row * rowBytes + (max(i, pinned) << 2);
    const to = elementAt(b, i);
    store<f32>(to, load<f32>(to) - load<f32>(at));
  }
  store<f32>(elementAt(b, pinned), 0);
  clearCoordinate(system, stride, pinned);
}
