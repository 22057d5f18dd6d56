import { elementView } from '../kernels/element-view.js';
import type { Side } from '../ratings/ratings.js';
import type { Job } from './job.js';

/**
 * One side's factors of a generation as they lie in shared memory: rows in the numbering inside,
 * `layout.stride` elements apart. A view: later generations overwrite it.
 */
export function viewFactors(job: Job, side: Side, generation: number): Float32Array | Float64Array {
  const { layout } = job;
  const { rowCount, factors } = layout[side];
  const offset = factors[(generation & 1) as 0 | 1];
  return elementView(layout, offset, rowCount * layout.stride);
}
