/**
 * One task as `wasm.ts` writes it at the start of its slot, one 32-bit word a field in this order,
 * then the sums. Fields of type usize are byte offsets into the shared memory.
 *
 * All factors and Gram matrices are f32, row-major, rows padded to whole lanes of four; padding is
 * zero, and kernels read and write whole lanes only.
 */
@unmanaged
export class Task {
  rank: usize;
  /** Elements of a factor row: rank rounded up to a multiple of four. */
  stride: usize;
  /** The block's rows: firstRow … firstRow + rowCount − 1 of the solved side. */
  firstRow: usize;
  rowCount: usize;
  /** Factors of the fixed side, fixedRowCount × stride. */
  fixed: usize;
  fixedRowCount: usize;
  /** Rows of the fixed side in the whole job, of which `fixed` may hold the needed ones only. */
  fixedTotal: usize;
  /** Factors of the solved side before and after, from row 0 on. */
  before: usize;
  after: usize;

  /** Ratings of the solved side, CSR: u32 offsets, u32 columns, f32 ratings. */
  offsets: usize;
  columns: usize;
  ratings: usize;
  /** Withheld ratings, likewise; all three are 0 when there are none. */
  heldOutOffsets: usize;
  heldOutColumns: usize;
  heldOutRatings: usize;
  /** λ·n^ν, f32 a row. */
  regularizers: usize;

  /** YᵀY of the fixed side, stride × stride; if unobservedWeight is 0 `cg` alone reads it. */
  gram: usize;
  /** Receives XᵀX of the block's rows, stride × stride. */
  blockGram: usize;
  stopFlag: usize;
  /** Private memory of this task, after this record. */
  scratch: usize;

  cgSteps: usize;
  /** 1 if targets are preferences, 0 if they are the ratings themselves. */
  implicit: usize;
  alpha: f32;
  unobservedWeight: f32;
  /** What of it an observed cell has too: e = c − observedShare in kernel.ts. */
  observedShare: f32;
  /** Every prediction is y·x plus this. */
  offset: f32;
  /** 1 if the task sums errors. */
  measured: usize;

  /** How many rows, ratings and fixed rows are taken together; see `Batch`. */
  batchRows: usize;
  batchEntries: usize;
  chunkRows: usize;
  /** Dimensions that `subspace` solves together. */
  subspaceSize: usize;
  /** Coordinate of solved rows that stays 1, −1 if none does. */
  pinned: i32;
  /** 1 if no element of a solved row may be negative. */
  nonnegative: usize;
  /** Share of the way to where `cg` leads that a row goes; may be above 1. */
  stepLength: f32;

  /** Receives the row whose system is singular. */
  singularRow: usize;

  /** Receives Σ regularizers[row]·|x|². */
  regularization: f64;
}

/** Sums over cells, as `ErrorSums` in kernel.ts: one for observed, one for withheld cells. */
@unmanaged
export class ErrorSums {
  squared: f64;
  absolute: f64;
  squaredPreference: f64;
  loss: f64;
  squaredPrediction: f64;
}

// @ts-ignore: decorator
@inline
export function observedSums(task: Task): ErrorSums {
  return changetype<ErrorSums>(changetype<usize>(task) + offsetof<Task>());
}

// @ts-ignore: decorator
@inline
export function heldOutSums(task: Task): ErrorSums {
  return changetype<ErrorSums>(
    changetype<usize>(task) + offsetof<Task>() + offsetof<ErrorSums>(),
  );
}

/** What a solver returns. */
export namespace Outcome {
  export const done: i32 = 0;
  export const stopped: i32 = 1;
  export const singular: i32 = 2;
}

// @ts-ignore: decorator
@inline
export function isStopped(task: Task): bool {
  return atomic.load<i32>(task.stopFlag) != 0;
}

/** Element i of an array of u32: a column, a cursor, a row's first entry. */
// @ts-ignore: decorator
@inline
export function indexAt(array: usize, i: usize): usize {
  return <usize>load<u32>(array + (i << 2));
}

/** Address of element i of an array of 32-bit elements. */
// @ts-ignore: decorator
@inline
export function elementAt(array: usize, i: usize): usize {
  return array + (i << 2);
}
