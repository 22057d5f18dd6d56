import type { Side } from '../../../ratings/ratings.js';
import { noSums } from '../../error-sums.js';
import {
  type JobLayout,
  type SideLayout,
  type SparseLayout,
  stepLength,
} from '../../job-layout.js';
import type { BlockSums, ErrorSums } from '../../kernel.js';
import type { Gpu } from '../device/gpu.js';
import { StagedReads } from '../device/staged-reads.js';
import { uploadInto } from '../device/transfer.js';
import type { Batch, BatchResult, BatchWatch, ProgramJob } from '../gpu-program.js';
import type { EntryRange } from './cut-shards.js';
import { type Dispatch, submit } from './dispatches.js';
import type { RatingBuffers } from './job-buffers.js';
import { dispatchesOf, type JobOnGpu } from './phase-dispatches.js';
import type { PassTime, ProgramLimits } from './settings.js';
import { sumQuads } from './shaders/sum-blocks.js';

/** Enough that the device is not asked often. */
const maxPieceBytes = 16 * 2 ** 20;

/** A job whose buffers are there and whose shaders are compiled. */
export function openJob(
  gpu: Gpu,
  on: JobOnGpu,
  limits: ProgramLimits,
  onTimes?: (times: readonly PassTime[]) => void,
): ProgramJob {
  const { job, plans, buffers } = on;
  const { buffer } = job.memory;
  const square = job.stride ** 2;
  const staged = new StagedReads(gpu, pieceBytes(job));
  const known = new Map<string, readonly Dispatch[]>();

  return {
    uploadedBytes: buffers.uploadedBytes,
    uploadRatings(side, firstBlock, endBlock) {
      const { firstRow, endRow } = rowsOf(job[side], firstBlock, endBlock);
      let bytes = 0;
      for (const [i, { observed, heldOut }] of plans[side].shards.entries()) {
        const lists = buffers[side].shards[i]!;
        const { ratings, heldOut: withheld } = job[side];
        bytes += uploadEntries(ratings, observed, lists.observed);
        if (withheld) bytes += uploadEntries(withheld, heldOut, lists.heldOut);
      }
      return bytes;

      function uploadEntries(from: SparseLayout, has: EntryRange, to: RatingBuffers): number {
        const offsets = new Uint32Array(buffer, from.offsets, job[side].rowCount + 1);
        const first = Math.max(has.first, offsets[firstRow]!);
        const count = Math.min(has.end, offsets[endRow]!) - first;
        if (count <= 0) return 0;
        const at = (first - has.first) * 4;
        const columns = new Uint32Array(buffer, from.columns + first * 4, count);
        const ratings = new Float32Array(buffer, from.ratings + first * 4, count);
        return uploadInto(gpu, to.columns, at, columns) + uploadInto(gpu, to.ratings, at, ratings);
      }
    },
    uploadRows(side, generation, firstBlock, endBlock) {
      let bytes = 0;
      for (const { buffer, at, into } of buffersOf(side, generation, firstBlock, endBlock)) {
        bytes += uploadInto(gpu, buffer, at, into);
      }
      return bytes;
    },
    uploadGram() {
      return uploadInto(gpu, buffers.gram, 0, new Float32Array(buffer, job.gram, square));
    },
    async solve(batch: Batch, { signal, progress }: BatchWatch): Promise<BatchResult> {
      await submit(gpu, dispatchesFor(batch), limits, progress, onTimes);
      const { side, iteration, firstBlock, endBlock } = batch;
      const blocks = endBlock - firstBlock;
      const at = firstBlock * square * 4;
      const grams = new Float32Array(buffer, job.blockGrams + at, blocks * square);
      const sums = new Float32Array(blocks * sumQuads * 4);
      const solved =
        batch.kind === 'solve'
          ? [
              ...buffersOf(side, iteration, firstBlock, endBlock),
              { buffer: buffers.sums, at: 0, into: sums },
            ]
          : [];
      const reads = [...solved, { buffer: buffers.blockGrams, at, into: grams }];
      const readBackBytes = await staged.read(reads, signal, progress);
      return {
        sums: Array.from({ length: blocks }, (_, block) =>
          batch.kind === 'solve' ? sumsAt(sums, block * sumQuads * 4) : noSums,
        ),
        readBackBytes,
      };
    },
    close() {
      staged.close();
      buffers.close();
    },
  };

  /** They are the same in every iteration whose rows go as far. */
  function dispatchesFor(batch: Batch): readonly Dispatch[] {
    const { kind, side, iteration, firstBlock, endBlock } = batch;
    const key = `${kind} ${side} ${firstBlock} ${endBlock} ${stepLength(job, iteration)}`;
    const dispatches = known.get(key) ?? [...dispatchesOf(on, batch)];
    known.set(key, dispatches);
    return dispatches;
  }

  /** Where rows of blocks lie: in buffers of the device, and in the job's memory. */
  function* buffersOf(side: Side, generation: number, firstBlock: number, endBlock: number) {
    const { bufferRows, lead } = plans[side];
    const { firstRow, endRow } = rowsOf(job[side], firstBlock, endBlock);
    const factors = job[side].factors[(generation & 1) as 0 | 1];
    for (let row = firstRow; row < endRow; ) {
      const number = Math.floor((lead + row) / bufferRows);
      const bufferStart = number * bufferRows - lead;
      const end = Math.min(endRow, bufferStart + bufferRows);
      yield {
        buffer: buffers[side].factors[number]!,
        at: (row - bufferStart) * job.stride * 4,
        into: new Float32Array(buffer, factors + row * job.stride * 4, (end - row) * job.stride),
      };
      row = end;
    }
  }
}

/** Bytes that are read back at a time: no more than there are. */
function pieceBytes({ stride, user, item }: JobLayout): number {
  const rows = Math.max(user.rowCount, item.rowCount);
  const blocks = Math.max(user.blockStarts.length, item.blockStarts.length) - 1;
  return Math.min(maxPieceBytes, Math.max(rows * stride, blocks * stride ** 2) * 4);
}

function rowsOf({ blockStarts }: SideLayout, firstBlock: number, endBlock: number) {
  return { firstRow: blockStarts[firstBlock]!, endRow: blockStarts[endBlock]! };
}

/** A block's sums, as `sum-blocks.ts` leaves them. */
function sumsAt(sums: Float32Array, at: number): BlockSums {
  const errors = (from: number): ErrorSums => ({
    squared: sums[from]!,
    absolute: sums[from + 1]!,
    squaredPreference: sums[from + 2]!,
    loss: sums[from + 3]!,
    squaredPrediction: sums[from + 4]!,
  });
  return { ...errors(at + 4), regularization: sums[at]!, heldOut: errors(at + 12) };
}
