import { opposite } from '../../../ratings/ratings.js';
import type { JobLayout } from '../../job-layout.js';
import { stepLength, unobservedShare } from '../../job-layout.js';
import type { Batch } from '../gpu-program.js';
import type { Compiled } from './compiled.js';
import type { Pieces, ShardPlan } from './cut-shards.js';
import type { Dispatch } from './dispatches.js';
import type { JobBuffers, RatingBuffers, ShardBuffers, SideBuffers } from './job-buffers.js';
import type { JobShaders } from './job-shaders.js';
import type { RecordList } from './record-list.js';
import { segmentLength } from './row-shape.js';
import { gramWorkgroups, tilePairs } from './shaders/block-gram.js';
import { none, type Params } from './shaders/shader.js';
import { sumQuads } from './shaders/sum-blocks.js';
import type { SidePlan } from './side-plan.js';

/** All that the dispatches of a batch follow from. */
export interface JobOnGpu {
  readonly job: JobLayout;
  readonly plans: { readonly user: SidePlan; readonly item: SidePlan };
  readonly buffers: JobBuffers;
  readonly shaders: JobShaders;
  /** Slices of Gram matrices that there is room for. */
  readonly gramSlices: number;
  /** Multiplications and additions that one dispatch has at most, about. */
  readonly submitOperations: number;
}

/** What a batch gives the device to do, in order. */
export function* dispatchesOf(on: JobOnGpu, batch: Batch): Generator<Dispatch> {
  if (batch.kind === 'solve') {
    const { shards } = on.plans[batch.side];
    for (const [i, shard] of shards.entries()) {
      yield* solve(on, batch, shard, on.buffers[batch.side].shards[i]!);
    }
    if (batch.side === on.job.phaseOrder[1]) {
      for (const [i, shard] of shards.entries()) {
        yield* measure(on, batch, shard, on.buffers[batch.side].shards[i]!);
      }
    }
    yield sumBlocks(on, batch);
  }
  yield* blockGrams(on, batch);
}

function* solve(
  on: JobOnGpu,
  batch: Batch,
  shard: ShardPlan,
  lists: ShardBuffers,
): Generator<Dispatch> {
  const { packed, whole, segment, advance } = on.shaders[batch.side];
  const params = paramsOf(on, batch, shard);
  const buffers = { ...buffersOf(on, batch, shard), ...lists.observed };
  const perRow = rowOperations(on.job);
  const rows = function* (
    compiled: Compiled | undefined,
    list: RecordList,
    records: GPUBuffer,
    side: number,
  ): Generator<Dispatch> {
    for (const cut of cuts(on, batch, list, perRow)) {
      yield {
        compiled: compiled!,
        params: { ...params, ...cut },
        buffers: { ...buffers, records },
        workgroups: [Math.ceil(cut.count / side)],
        operations: cut.operations,
      };
    }
  };

  // Long rows first, then falling: what takes long begins early.
  const long = rangeOf(batch, shard.long);
  const segments = rangeOf(batch, shard.segments);
  if (long.count > 0) {
    const state = { ...buffers, states: lists.states, segments: lists.segmentSums };
    const operations = segments.count * segmentLength * perRow.perRating;
    for (let stage = 0; stage <= on.job.cgSteps + 1; stage++) {
      if (stage > 0) {
        yield {
          compiled: segment!,
          params: { ...params, ...segments, stage },
          buffers: { ...state, records: lists.segments },
          workgroups: [segments.count],
          operations: operations / (on.job.cgSteps + 1),
        };
      }
      const count = long.count / 2;
      yield {
        compiled: advance!,
        params: { ...params, start: long.start / 2, count, stage },
        buffers: { ...state, records: lists.long },
        workgroups: [count],
        operations: 0,
      };
    }
  }
  yield* rows(whole, shard.whole, lists.whole, 1);
  yield* rows(packed, shard.packed, lists.packed, on.shaders.packedShape.rows);
}

function* measure(
  on: JobOnGpu,
  batch: Batch,
  shard: ShardPlan,
  lists: ShardBuffers,
): Generator<Dispatch> {
  const { packedShape } = on.shaders;
  const kinds: [Pieces, RatingBuffers, GPUBuffer][] = [
    [shard.pieces, lists.observed, lists.pieces],
    [shard.heldOutPieces, lists.heldOut, lists.heldOutPieces],
  ];
  for (const [{ list, base }, ratings, records] of kinds) {
    for (const cut of cuts(on, batch, list, { perRating: 2 * on.job.stride, perRow: 0 })) {
      yield {
        compiled: on.shaders[batch.side].measure!,
        params: { ...paramsOf(on, batch, shard), ...cut, base: base + cut.start },
        buffers: {
          ...buffersOf(on, batch, shard),
          ...ratings,
          records,
          errors: on.buffers.errors,
        },
        workgroups: [Math.ceil(cut.count / packedShape.rows)],
        operations: cut.operations,
      };
    }
  }
}

function sumBlocks(on: JobOnGpu, batch: Batch): Dispatch {
  const { buffers } = on;
  return {
    compiled: on.shaders.sumBlocks,
    params: { ...paramsOf(on, batch), start: batch.firstBlock },
    buffers: {
      ranges: buffers[batch.side].ranges,
      regularization: buffers[batch.side].regularization,
      errors: buffers.errors,
      sums: buffers.sums,
    },
    workgroups: [batch.endBlock - batch.firstBlock, sumQuads],
    operations: 0,
  };
}

/** As many blocks at a time as there is room for their slices. */
function* blockGrams(on: JobOnGpu, batch: Batch): Generator<Dispatch> {
  const { job, buffers, gramSlices } = on;
  const { slices, bufferRows } = on.plans[batch.side];
  const side = buffers[batch.side];
  const params = paramsOf(on, batch);
  for (let block = batch.firstBlock; block < batch.endBlock; ) {
    let end = block + 1;
    const first = slices.startOf(block);
    while (end < batch.endBlock && slices.startOf(end + 1) - first <= gramSlices) end++;
    const last = slices.startOf(end);
    for (let start = first; start < last; ) {
      const buffer = slices.word(start, 3);
      let count = 1;
      while (start + count < last && slices.word(start + count, 3) === buffer) count++;
      yield {
        compiled: on.shaders.gramSlice,
        params: { ...params, start, count, base: first },
        buffers: {
          records: side.slices,
          factors: side.factors[buffer]!,
          parts: buffers.gramParts,
        },
        workgroups: [count, tilePairs(job.stride)],
        operations: 2 * count * Math.min(bufferRows, 1024) * job.stride ** 2,
      };
      start += count;
    }
    yield {
      compiled: on.shaders.gramBlock,
      params: { ...params, start: block, count: end - block, base: first },
      buffers: {
        records: side.blockGrams,
        parts: buffers.gramParts,
        blockGrams: buffers.blockGrams,
      },
      workgroups: [gramWorkgroups(job.stride / 4), end - block],
      operations: 0,
    };
    block = end;
  }
}

function rangeOf(batch: Batch, list: RecordList): { start: number; count: number } {
  const start = list.startOf(batch.firstBlock);
  return { start, count: list.startOf(batch.endBlock) - start };
}

interface Operations {
  readonly perRating: number;
  readonly perRow: number;
}

function rowOperations({ cgSteps, stride }: JobLayout): Operations {
  const products = cgSteps + 1;
  return { perRating: products * 4 * stride, perRow: products * 2 * stride ** 2 };
}

/** The batch's records of a list, cut where they are enough work for one dispatch. */
function* cuts(
  on: JobOnGpu,
  batch: Batch,
  list: RecordList,
  { perRating, perRow }: Operations,
): Generator<{ start: number; count: number; operations: number }> {
  const { start, count } = rangeOf(batch, list);
  let from = start;
  let operations = 0;
  for (let record = start; record < start + count; record++) {
    operations += list.word(record, 2) * perRating + perRow;
    if (operations < on.submitOperations && record + 1 < start + count) continue;
    yield { start: from, count: record + 1 - from, operations };
    from = record + 1;
    operations = 0;
  }
}

function buffersOf(on: JobOnGpu, batch: Batch, shard: ShardPlan): Record<string, GPUBuffer> {
  const solved: SideBuffers = on.buffers[batch.side];
  const fixed = on.buffers[opposite(batch.side)].factors;
  return {
    gram: on.buffers.gram,
    factors: solved.factors[shard.buffer]!,
    regularization: solved.regularization,
    ...Object.fromEntries(fixed.map((buffer, i) => [`fixed${i}`, buffer])),
  };
}

function paramsOf({ job, plans }: JobOnGpu, { side, iteration }: Batch, shard?: ShardPlan): Params {
  const { weighting } = job;
  const fixed = job[opposite(side)];
  return {
    start: 0,
    count: 0,
    rowBase: shard?.bufferStart ?? 0,
    quads: job.stride / 4,
    steps: job.cgSteps,
    stage: 0,
    implicitFeedback: weighting.feedback === 'implicit' ? 1 : 0,
    pinned: job[side].pinned ?? none,
    alpha: weighting.alpha,
    unobservedWeight: weighting.unobservedWeight,
    observedShare: unobservedShare(weighting),
    offset: weighting.offset,
    bufferRows: plans[opposite(side)].bufferRows,
    base: 0,
    one: 1,
    fixedRows: fixed.copiedFrom ?? fixed.rowCount,
    stepLength: stepLength(job, iteration),
  };
}
