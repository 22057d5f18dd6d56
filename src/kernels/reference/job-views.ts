import type { JobLayout, SideLayout, SparseLayout } from '../job-layout.js';

/** Float64 views of a job whose kernel computes in float64, for kernels written in TypeScript. */
export interface JobViews {
  readonly user: SideViews;
  readonly item: SideViews;
  readonly gram: Float64Array;
  readonly stopFlag: Int32Array;
  /** The Gram matrix that a task of this block writes. */
  blockGram(block: number): Float64Array;
}

export interface SideViews {
  readonly pinned: number | undefined;
  readonly ratings: SparseViews;
  readonly heldOut: SparseViews | undefined;
  readonly regularizers: Float64Array;
  readonly factors: readonly [Float64Array, Float64Array];
}

export interface SparseViews {
  readonly offsets: Uint32Array;
  readonly columns: Uint32Array;
  readonly ratings: Float32Array;
}

/** What rows that are copies have of ratings. */
const noEntries: SparseViews = Object.freeze({
  offsets: new Uint32Array(1),
  columns: new Uint32Array(0),
  ratings: new Float32Array(0),
});

/** Views of everything in `job`; nothing is copied. */
export function viewJob(job: JobLayout): JobViews {
  const { buffer } = job.memory;
  const square = job.stride * job.stride;
  const float64 = (offset: number, length: number) => new Float64Array(buffer, offset, length);
  const sparse = (layout: SparseLayout, rowCount: number): SparseViews => {
    const offsets = new Uint32Array(buffer, layout.offsets, rowCount + 1);
    const count = offsets[rowCount]!;
    return {
      offsets,
      columns: new Uint32Array(buffer, layout.columns, count),
      ratings: new Float32Array(buffer, layout.ratings, count),
    };
  };
  const side = (layout: SideLayout): SideViews => ({
    pinned: layout.pinned,
    ratings: layout.copiedFrom === undefined ? sparse(layout.ratings, layout.rowCount) : noEntries,
    heldOut: layout.heldOut && sparse(layout.heldOut, layout.rowCount),
    regularizers: float64(
      layout.regularizers,
      layout.copiedFrom === undefined ? layout.rowCount : 0,
    ),
    factors: [
      float64(layout.factors[0], layout.rowCount * job.stride),
      float64(layout.factors[1], layout.rowCount * job.stride),
    ],
  });
  return {
    user: side(job.user),
    item: side(job.item),
    gram: float64(job.gram, square),
    stopFlag: new Int32Array(buffer, job.stopFlag, 1),
    blockGram: (block) => float64(job.blockGrams + block * square * 8, square),
  };
}
