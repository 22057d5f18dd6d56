import { addFour, addHalfPanel, addPanel, dotEight, dotFour, panelBytes } from './neighbours';
import { elementAt, indexAt, Task } from './task';

/** Most entries of a run. */
export const runEntries: usize = 64;

/** A run's neighbours should stay in the first-level cache from the dot products to the sum. */
const runBytes: usize = 16384;

/**
 * A run: up to `runEntries` entries of a row, one after the other, and what is known of them. Its
 * arrays end with a whole group of four: the last neighbour is repeated, and repetitions weigh 0.
 */
@unmanaged
export class RunScratch {
  /** The last one to three elements of another array, filled up to four. */
  last: v128;
  // Then rows, products and weights, `runEntries` words each.
}

const arrayBytes: usize = runEntries << 2;

export const runScratchBytes: usize = 64 + 3 * arrayBytes;

/** Where the neighbours begin, u32, in units of 16 bytes. */
// @ts-ignore: decorator
@inline
export function rowsOf(runScratch: RunScratch): usize {
  return changetype<usize>(runScratch) + 64;
}

/** y·vector of every neighbour, f32. */
// @ts-ignore: decorator
@inline
export function productsOf(runScratch: RunScratch): usize {
  return rowsOf(runScratch) + arrayBytes;
}

/** What every neighbour weighs in the sum, f32. */
// @ts-ignore: decorator
@inline
export function weightsOf(runScratch: RunScratch): usize {
  return productsOf(runScratch) + arrayBytes;
}

/** Entries of a run that is to be multiplied and then summed. */
export function entriesOfRun(task: Task): usize {
  return max(8, min(runEntries, runBytes / (task.stride << 2)) & ~7);
}

/**
 * Finds a run's neighbours and their products with a vector.
 *
 * @param columns u32 of the run's entries
 * @param count 1 … `runEntries`
 * @param shift byte of a row where the vector's dimensions begin, a multiple of 16
 * @param bytes of the vector, a multiple of 16
 */
export function multiplyRun(
  task: Task,
  runScratch: RunScratch,
  columns: usize,
  count: usize,
  shift: usize,
  bytes: usize,
  vector: usize,
): void {
  assert(count > 0 && count <= runEntries, 'a run of another length');
  findRows(task, runScratch, columns, count, shift);
  let rows = rowsOf(runScratch);
  let products = productsOf(runScratch);
  const end = elementAt(rows, (count + 3) & ~3);
  for (; rows + 32 <= end; rows += 32) {
    dotEight(rows, vector, bytes, products);
    products += 32;
  }
  if (rows < end) dotFour(rows, vector, bytes, products);
}

/** Where a run's neighbours begin, in units of 16 bytes, so that 32 bits tell it in a memory of any size. */
export function findRows(task: Task, runScratch: RunScratch, columns: usize, count: usize, shift: usize): void {
  if (!ASC_NO_ASSERT) {
    for (let i: usize = 0; i < count; i++) {
      assert(indexAt(columns, i) < task.fixedRowCount, 'a column beyond the fixed side');
    }
  }
  const fixed = i32x4.splat(<i32>((task.fixed + shift) >> 4));
  const rowUnits = i32x4.splat(<i32>(task.stride >> 2));
  let rows = rowsOf(runScratch);
  for (const whole = elementAt(rows, count & ~3); rows < whole; rows += 16) {
    v128.store(rows, i32x4.add(fixed, i32x4.mul(rowUnits, v128.load(columns))));
    columns += 16;
  }
  if ((count & 3) == 0) return;
  v128.store(rows, i32x4.add(fixed, i32x4.mul(rowUnits, lastOf(runScratch, columns, count & 3))));
}

/** out += Σ weight·y over the run. */
export function addRun(task: Task, runScratch: RunScratch, count: usize, out: usize): void {
  const rowBytes = task.stride << 2;
  const rows = rowsOf(runScratch);
  const weights = weightsOf(runScratch);
  const filled = (count + 3) & ~3;
  let shift: usize = 0;
  for (; shift + panelBytes <= rowBytes; shift += panelBytes) {
    addPanel(rows, filled, weights, shift, out);
  }
  if (shift + panelBytes / 2 <= rowBytes) {
    addHalfPanel(rows, filled, weights, shift, out);
    shift += panelBytes / 2;
  }
  if (shift == rowBytes) return;
  for (let at: usize = 0; at < filled << 2; at += 16) {
    addFour(rows + at, weights + at, shift, rowBytes, out);
  }
}

/** One to three elements, the last one repeated up to four. */
export function lastOf(runScratch: RunScratch, from: usize, count: usize): v128 {
  const last = changetype<usize>(runScratch);
  for (let i: usize = 0; i < 4; i++) {
    store<u32>(elementAt(last, i), load<u32>(elementAt(from, min(i, count - 1))));
  }
  return v128.load(last);
}
