import type { JobLayout, RatedJob } from '../../../../src/kernels/job-layout.js';
import {
  isParted,
  layoutsOfSide,
  type PartedLayout,
} from '../../../../src/kernels/parts/parted-layout.js';
import { opposite } from '../../../../src/ratings/ratings.js';
import type { RowTable } from './row-piece.js';

/** A job as its supervisor has it: all in one memory, or its rows in parts beside the ratings. */
export type SupervisedJob = JobLayout | SpreadLayout;

/** A job whose parts have rows only. */
export interface SpreadLayout extends PartedLayout {
  readonly rated: RatedJob;
}

/** The job as far as its ratings go, of which no more than the lengths is there if it has a `source`. */
export function ratedOf(job: SupervisedJob): RatedJob {
  return isParted(job) ? job.rated : job;
}

/** The memory of a table's row and of those after it in its block, and which row is the first there. */
export function memoryOfRow(
  job: SupervisedJob,
  { type, side }: RowTable,
  row: number,
): { readonly layout: JobLayout; readonly firstRow: number } {
  if (!isParted(job)) return { layout: job, firstRow: 0 };
  // All memories of the other side have the sum.
  if (type === 'gram') return { layout: layoutsOfSide(job, opposite(side))[0]!, firstRow: 0 };
  return job[side].parts.findLast(({ firstRow }) => firstRow <= row)!;
}
