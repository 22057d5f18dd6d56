import { errorTile } from './error-sums';
import { checkRegion, guardRegion, regionBytes } from './guards';
import { RunScratch, runScratchBytes } from './run';
import { Task } from './task';
import { wideBytes } from './wide-system';

/** Neighbours gathered before they are added to the system together. */
export const tileRows: usize = 32;

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
export class Workshop {
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
export function createWorkshop(task: Task): Workshop {
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
export function checkWorkshop(task: Task, workshop: Workshop): void {
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
