import type { JobLayout } from '../../job-layout.js';
import { bufferUsage } from '../device/buffer-usage.js';
import type { Gpu } from '../device/gpu.js';
import { guarded } from '../device/guarded.js';
import { uploadInto } from '../device/transfer.js';
import type { EntryRange, ShardPlan } from './cut-shards.js';
import { stateQuads } from './shaders/long-rows.js';
import { sumQuads } from './shaders/sum-blocks.js';
import type { SidePlan } from './side-plan.js';

/** What a job has on the device. */
export interface JobBuffers {
  readonly user: SideBuffers;
  readonly item: SideBuffers;
  readonly gram: GPUBuffer;
  /** Two quads a piece, of the side that sums errors. */
  readonly errors: GPUBuffer;
  /** Slices of Gram matrices, of as many blocks as go at a time. */
  readonly gramParts: GPUBuffer;
  readonly blockGrams: GPUBuffer;
  readonly sums: GPUBuffer;
  readonly uploadedBytes: number;
  close(): void;
}

export interface SideBuffers {
  /** `bufferRows` rows each. */
  readonly factors: readonly GPUBuffer[];
  /** λ·|x|² of every row. */
  readonly regularization: GPUBuffer;
  readonly shards: readonly ShardBuffers[];
  readonly slices: GPUBuffer;
  readonly blockGrams: GPUBuffer;
  readonly ranges: GPUBuffer;
}

/** Lists and ratings, by their names in `ShardPlan`. */
export interface ShardBuffers {
  readonly observed: RatingBuffers;
  readonly heldOut: RatingBuffers;
  readonly packed: GPUBuffer;
  readonly whole: GPUBuffer;
  readonly long: GPUBuffer;
  readonly segments: GPUBuffer;
  readonly pieces: GPUBuffer;
  readonly heldOutPieces: GPUBuffer;
  /** Between the stages of long rows. */
  readonly states: GPUBuffer;
  readonly segmentSums: GPUBuffer;
}

export interface RatingBuffers {
  readonly columns: GPUBuffer;
  readonly ratings: GPUBuffer;
}

/**
 * Allocates a job's buffers and uploads its lists. Rejects with `DeviceError` if the device has not
 * the memory, and leaves nothing behind then.
 *
 * @param gramSlices room for slices of Gram matrices
 */
export async function allocateBuffers(
  gpu: Gpu,
  job: JobLayout,
  plans: { readonly user: SidePlan; readonly item: SidePlan },
  gramSlices: number,
): Promise<JobBuffers> {
  const { device } = gpu;
  const buffers: GPUBuffer[] = [];
  const close = () => {
    for (const buffer of buffers) buffer.destroy();
    // What is destroyed is let go with the next submit.
    device.queue.submit([]);
  };
  const allocate = (bytes: number): GPUBuffer => {
    const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget;
    const buffer = device.createBuffer({ size: Math.max(16, bytes), usage });
    buffers.push(buffer);
    return buffer;
  };
  let uploadedBytes = 0;
  const list = ({ words }: { readonly words: Uint32Array }): GPUBuffer => {
    const buffer = allocate(words.byteLength);
    uploadedBytes += uploadInto(gpu, buffer, 0, words);
    return buffer;
  };
  const rowBytes = job.stride * 4;
  const ratings = ({ first, end }: EntryRange): RatingBuffers => ({
    columns: allocate((end - first) * 4),
    ratings: allocate((end - first) * 4),
  });
  const shard = (plan: ShardPlan): ShardBuffers => ({
    observed: ratings(plan.observed),
    heldOut: ratings(plan.heldOut),
    packed: list(plan.packed),
    whole: list(plan.whole),
    long: list(plan.long),
    segments: list(plan.segments),
    pieces: list(plan.pieces.list),
    heldOutPieces: list(plan.heldOutPieces.list),
    states: allocate((plan.long.length / 2) * stateQuads(job.stride / 4) * 16),
    segmentSums: allocate(plan.segments.length * rowBytes),
  });
  const side = (plan: SidePlan): SideBuffers => ({
    factors: Array.from({ length: plan.bufferCount }, (_, buffer) =>
      allocate(
        Math.min(plan.bufferRows, plan.lead + plan.rowCount - buffer * plan.bufferRows) * rowBytes,
      ),
    ),
    regularization: allocate(plan.rowCount * 4),
    shards: plan.shards.map(shard),
    slices: list(plan.slices),
    blockGrams: list(plan.blockGrams),
    ranges: list(plan.ranges),
  });
  const blocks = Math.max(plans.user.blockGrams.length, plans.item.blockGrams.length);
  const squareBytes = job.stride * rowBytes;
  try {
    return await guarded(gpu, () => {
      const made = {
        user: side(plans.user),
        item: side(plans.item),
        gram: allocate(squareBytes),
        errors: allocate(Math.max(plans.user.pieceCount, plans.item.pieceCount) * 32),
        gramParts: allocate(gramSlices * squareBytes),
        blockGrams: allocate(blocks * squareBytes),
        sums: allocate(blocks * sumQuads * 16),
      };
      return { ...made, uploadedBytes, close };
    });
  } catch (error) {
    close();
    throw error;
  }
}
