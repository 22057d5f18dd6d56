import type { RatedJob, RatedSide } from '../../../../src/kernels/job-layout.js';
import type { BlockTask } from '../../../../src/kernels/kernel.js';
import type { LayoutDraft } from '../../../../src/kernels/lay-out-job.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import type { Range } from '../transport/ranges.js';

/**
 * Data of a job that a node gets once: a piece of its memory. Supervisor and node lay the job out alike, so one
 * function says for both where they lie.
 */
export type JobData =
  /** The offsets of the rows' ratings, and the rows' λ, of all rows of a side. */
  | { readonly type: 'rows'; readonly side: Side }
  /** A block's ratings, and those withheld. */
  | { readonly type: 'ratings'; readonly side: Side; readonly block: number };

/** A name that no other data of the job have. */
export function dataName(data: JobData): string {
  switch (data.type) {
    case 'rows':
      return `rows.${data.side}`;
    case 'ratings':
      return `ratings.${data.side}.${data.block}`;
    default:
      return data satisfies never;
  }
}

/** Where the data lie in memory. */
export function rangesOf(job: LayoutDraft, data: JobData): Range[] {
  const layout = job[data.side];
  const { elementBytes } = job;
  switch (data.type) {
    case 'rows':
      return [
        ...sparseOf(layout).map(({ offsets }) => ({
          offset: offsets,
          bytes: (layout.rowCount + 1) * 4,
        })),
        { offset: layout.regularizers, bytes: layout.rowCount * elementBytes },
      ];
    case 'ratings':
      return rangesOfRatings(job, data.side, data.block);
    default:
      return data satisfies never;
  }
}

/** Where the ratings of a block lie in memory, and those withheld. */
export function rangesOfRatings(job: RatedJob, side: Side, block: number): Range[] {
  const layout = job[side];
  return sparseOf(layout).flatMap(({ offsets, columns, ratings }) => {
    const starts = new Uint32Array(job.memory.buffer, offsets, layout.rowCount + 1);
    const first = starts[layout.blockStarts[block]!]!;
    const bytes = (starts[layout.blockStarts[block + 1]!]! - first) * 4;
    return [
      { offset: columns + first * 4, bytes },
      { offset: ratings + first * 4, bytes },
    ];
  });
}

function sparseOf({ ratings, heldOut }: RatedSide) {
  return heldOut ? [ratings, heldOut] : [ratings];
}

/** Where a task writes: the block's rows, unless it only sums, and their Gram matrix. */
export function rangesWritten(job: LayoutDraft, task: BlockTask): Range[] {
  const { blockStarts, factors } = job[task.side];
  const rowBytes = job.stride * job.elementBytes;
  const squareBytes = job.stride * rowBytes;
  const first = blockStarts[task.block]!;
  const rows = {
    offset: factors[(task.iteration & 1) as 0 | 1] + first * rowBytes,
    bytes: (blockStarts[task.block + 1]! - first) * rowBytes,
    ...(job.rowFile && { file: job.rowFile }),
  };
  const gram = { offset: job.blockGrams + task.block * squareBytes, bytes: squareBytes };
  return task.kind === 'gram' ? [gram] : [rows, gram];
}
