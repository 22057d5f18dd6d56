import type { Side } from '../../../ratings/ratings.js';
import { noSums } from '../../error-sums.js';
import type { BlockSums, ErrorSums, SideLayout, SparseLayout } from '../../kernel.js';
import type { Gpu } from '../device.js';
import type { Batch, BatchResult, BatchWatch, ProgramJob } from '../program.js';
import { readInto, uploadInto } from '../transfer.js';
import { submit } from './dispatches.js';
import type { RatingBuffers } from './job-buffers.js';
import { dispatchesOf, type JobOnDevice } from './phase-dispatches.js';
import type { PassTime, ProgramLimits } from './settings.js';
import { sumQuads } from './shaders/sum-blocks.js';
import type { EntryRange } from './side-plan.js';

/** A job whose buffers are there and whose shaders are compiled. */
export function openJob(
  gpu: Gpu,
  on: JobOnDevice,
  limits: ProgramLimits,
  onTimes?: (times: readonly PassTime[]) => void,
): ProgramJob {
  const { job, plans, buffers } = on;
  const { buffer } = job.memory;
  const square = job.stride ** 2;

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
      for (const { part, at, rows } of partsOf(side, generation, firstBlock, endBlock)) {
        bytes += uploadInto(gpu, part, at, rows);
      }
      return bytes;
    },
    uploadGram() {
      return uploadInto(gpu, buffers.gram, 0, new Float32Array(buffer, job.gram, square));
    },
    async solve(batch: Batch, { signal, progress }: BatchWatch): Promise<BatchResult> {
      await submit(gpu, [...dispatchesOf(on, batch)], limits, progress, onTimes);
      const { side, iteration, firstBlock, endBlock } = batch;
      let readBackBytes = 0;
      const read = async (from: GPUBuffer, at: number, into: Float32Array): Promise<void> => {
        readBackBytes += await readInto(gpu, from, at, into, signal);
        progress();
      };
      const blocks = endBlock - firstBlock;
      const sums = new Float32Array(blocks * sumQuads * 4);
      if (batch.kind === 'solve') {
        for (const { part, at, rows } of partsOf(side, iteration, firstBlock, endBlock)) {
          await read(part, at, rows);
        }
        await read(buffers.sums, 0, sums);
      }
      const at = firstBlock * square * 4;
      const grams = new Float32Array(buffer, job.blockGrams + at, blocks * square);
      await read(buffers.blockGrams, at, grams);
      return {
        sums: Array.from({ length: blocks }, (_, block) =>
          batch.kind === 'solve' ? sumsAt(sums, block * sumQuads * 4) : noSums,
        ),
        readBackBytes,
      };
    },
    close: buffers.close,
  };

  /** Where rows of blocks lie: in buffers of the device, and in the job's memory. */
  function* partsOf(side: Side, generation: number, firstBlock: number, endBlock: number) {
    const { partRows } = plans[side];
    const { firstRow, endRow } = rowsOf(job[side], firstBlock, endBlock);
    const factors = job[side].factors[(generation & 1) as 0 | 1];
    for (let row = firstRow; row < endRow; ) {
      const number = Math.floor(row / partRows);
      const end = Math.min(endRow, (number + 1) * partRows);
      yield {
        part: buffers[side].factors[number]!,
        at: (row % partRows) * job.stride * 4,
        rows: new Float32Array(buffer, factors + row * job.stride * 4, (end - row) * job.stride),
      };
      row = end;
    }
  }
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
