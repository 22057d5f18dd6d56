import type { JobShape, LayoutDraft } from '../../../../src/kernels/lay-out-job.js';
import { opposite } from '../../../../src/ratings/ratings.js';
import { InvalidMessageError } from '../../../errors.js';
import { type JobData, rangesOf } from '../protocol/job-data.js';

/**
 * Checks data in a node's memory: kernels follow offsets and columns unchecked, and wrong ones
 * would lead to any address.
 *
 * Throws `InvalidMessageError`.
 */
export function checkData(job: LayoutDraft, shape: JobShape, data: JobData): void {
  if (data.type === 'rows') checkOffsets(job, shape, data.side);
  if (data.type === 'ratings') checkColumns(job, data);
}

function checkOffsets(job: LayoutDraft, shape: JobShape, side: JobData['side']): void {
  const { ratings, heldOut, rowCount } = job[side];
  const { entries, heldOutEntries } = shape[side];
  for (const [sparse, count] of [
    [ratings, entries],
    [heldOut, heldOutEntries],
  ] as const) {
    if (sparse === undefined) continue;
    const offsets = new Uint32Array(job.memory.buffer, sparse.offsets, rowCount + 1);
    const isOrdered = offsets.every((offset, row) => row === 0 || offset >= offsets[row - 1]!);
    if (offsets[0] === 0 && offsets[rowCount] === count && isOrdered) continue;
    throw new InvalidMessageError(
      `offsets of ${side} rows from ${offsets[0]} to ${offsets[rowCount]}`,
      `rising ones from 0 to ${count}`,
    );
  }
}

function checkColumns(job: LayoutDraft, data: Extract<JobData, { type: 'ratings' }>): void {
  const columnCount = job[opposite(data.side)].rowCount;
  const ranges = rangesOf(job, data);
  // Columns and ratings alternate.
  for (let at = 0; at < ranges.length; at += 2) {
    const { offset, bytes } = ranges[at]!;
    const columns = new Uint32Array(job.memory.buffer, offset, bytes / 4);
    const ratings = new Float32Array(job.memory.buffer, ranges[at + 1]!.offset, bytes / 4);
    // Loops: callbacks take four times as long.
    for (let entry = 0; entry < columns.length; entry++) {
      if (columns[entry]! < columnCount) continue;
      throw new InvalidMessageError(`column ${columns[entry]}`, `columns below ${columnCount}`);
    }
    for (let entry = 0; entry < ratings.length; entry++) {
      if (Number.isFinite(ratings[entry]!)) continue;
      throw new InvalidMessageError('a rating that is no number', 'finite ratings');
    }
  }
}
