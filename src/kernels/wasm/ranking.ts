import { alignedBytes, type SharedMemory } from '../../arena.js';
import { instantiate, reportTraps, type WasmBuild } from './wasm-binary.js';
import { rankingTaskFields, recordBytes, writeRecord } from './wasm-record.js';

/**
 * Where everything of a ranking job lies in shared memory. Plain data, so it crosses threads; offsets
 * are bytes. Positions are u32, factors f32 without padding.
 */
export interface RankingLayout {
  readonly id: string;
  readonly memory: SharedMemory;
  readonly build: WasmBuild;
  readonly rank: number;
  /** Length of the lists, ≥ 1. */
  readonly count: number;
  readonly filterSeen: boolean;
  /** Factors of all items, itemCount × rank. */
  readonly items: number;
  readonly itemCount: number;
  readonly candidates: CandidateLayout;
  /** Users at a time, a multiple of four, and candidates that one of them keeps at most. */
  readonly batchUsers: number;
  readonly capacity: number;
  /** One region a slot. */
  readonly scratch: { readonly offset: number; readonly slotBytes: number };
  readonly windows: WindowLayout;
  /**
   * What a device kept of one task's users, for a job that one screens for: a length each, and room
   * for `capacity` positions, u32.
   */
  readonly screened?: number;
  /** One Int32; not 0 means stop as soon as possible. */
  readonly stopFlag: number;
}

/** The items that may be recommended: a subset of all, in two orders. */
export interface CandidateLayout {
  readonly count: number;
  /** Their positions, ascending. */
  readonly positions: number;
  /** Their positions as they are packed; see `PackedItems` in assembly/packed-items.ts. */
  readonly order: number;
  readonly packed: number;
}

/** Regions for the tasks on their way: users in, lists out. */
export interface WindowLayout {
  readonly offset: number;
  readonly windowBytes: number;
  /** Most users of a task, and most ratings of its users. */
  readonly users: number;
  readonly ratings: number;
}

/** Users whose factors and ratings lie in a window. It can be repeated until they are replaced. */
export interface RankingTask {
  /** Which block of users it is. */
  readonly block: number;
  readonly window: number;
  readonly userCount: number;
}

/** Views of a window. */
export interface RankingWindow {
  /** users × rank. */
  readonly users: Float32Array;
  /** Item positions that users rated: user u has entries seenOffsets[u] … seenOffsets[u + 1] − 1. */
  readonly seenOffsets: Uint32Array;
  readonly seenItems: Uint32Array;
  /** Length of every user's list. */
  readonly lengths: Uint32Array;
  /** `count` a user, best first. */
  readonly positions: Uint32Array;
  readonly scores: Float32Array;
}

/** A ranking job opened in one thread. */
export interface Ranker {
  /**
   * Writes the lists of a task's users: to the last bit and tie what scoring every item in float64
   * and sorting would give.
   *
   * @param slot which scratch region to use; no two running tasks of a job share one
   * @returns false if the job's stop flag was raised before the end
   */
  run(task: RankingTask, slot: number): boolean;
}

/** Opens a job in this thread. */
export function openRanker(layout: RankingLayout): Ranker {
  const wasm = instantiate(layout.build, layout.memory);
  return {
    run: (task, slot) =>
      reportTraps(layout.build, describeTask(layout, task), () =>
        wasm.rankUsers(writeTask(layout, task, slot)),
      ) !== 0,
  };
}

/**
 * Writes the lists of a task's users from what lies at `screened`, exactly as `Ranker.run` does if
 * all items of each list are there, or more than fit. Returns as that does.
 */
export function rankScreened(layout: RankingLayout, task: RankingTask, slot: number): boolean {
  const wasm = instantiate(layout.build, layout.memory);
  return (
    reportTraps(layout.build, describeTask(layout, task), () =>
      wasm.rankScreened(writeTask(layout, task, slot), layout.screened!),
    ) !== 0
  );
}

function describeTask({ rank, itemCount }: RankingLayout, { userCount }: RankingTask): string {
  return `rank ${itemCount} items for ${userCount} users at rank ${rank}`;
}

/** A view of what lies at `screened`. */
export function viewScreened(layout: RankingLayout): Uint32Array {
  const { memory, screened, windows, capacity } = layout;
  return new Uint32Array(memory.buffer, screened!, windows.users * (capacity + 1));
}

/** Bytes of what lies at `screened`. */
export function screenedBytes(users: number, capacity: number): number {
  return alignedBytes(4 * users * (capacity + 1));
}

/** Packs the candidates in their order; once a job, before any task. */
export function packCandidates({ build, memory, items, rank, candidates }: RankingLayout): void {
  const { order, count, packed } = candidates;
  const wasm = instantiate(build, memory);
  reportTraps(build, `pack ${count} items for ranking at rank ${rank}`, () =>
    wasm.packItems(items, rank, order, count, packed),
  );
}

/** Bytes of the packed candidates. */
export function packedBytes(
  build: WasmBuild,
  memory: SharedMemory,
  count: number,
  rank: number,
): number {
  return instantiate(build, memory).packedBytes(count, rank);
}

/** The record of a task comes before its scratch memory, which starts on a boundary. */
const recordRoom = alignedBytes(recordBytes(rankingTaskFields));

/** Bytes of private memory of a running task. */
export function rankingSlotBytes(
  layout: Pick<
    RankingLayout,
    'build' | 'memory' | 'rank' | 'itemCount' | 'batchUsers' | 'capacity'
  >,
): number {
  const { build, memory, rank, itemCount, batchUsers, capacity } = layout;
  const wasm = instantiate(build, memory);
  return alignedBytes(recordRoom + wasm.rankingScratch(rank, itemCount, batchUsers, capacity));
}

/** Bytes of one window. */
export function windowBytes(
  { users, ratings }: Pick<WindowLayout, 'users' | 'ratings'>,
  rank: number,
  count: number,
): number {
  return alignedBytes(4 * (users * (rank + 2 + 2 * count) + 1 + ratings));
}

export function viewWindow(layout: RankingLayout, window: number): RankingWindow {
  const { buffer } = layout.memory;
  const { users, ratings } = layout.windows;
  const at = addressesIn(layout, window);
  return {
    users: new Float32Array(buffer, at.users, users * layout.rank),
    seenOffsets: new Uint32Array(buffer, at.seenOffsets, users + 1),
    seenItems: new Uint32Array(buffer, at.seenItems, ratings),
    lengths: new Uint32Array(buffer, at.lengths, users),
    positions: new Uint32Array(buffer, at.positions, users * layout.count),
    scores: new Float32Array(buffer, at.scores, users * layout.count),
  };
}

/** Writes the record of a task and returns its address. */
function writeTask(layout: RankingLayout, task: RankingTask, slot: number): number {
  const { candidates, scratch } = layout;
  const record = scratch.offset + slot * scratch.slotBytes;
  const { seenOffsets, ...at } = addressesIn(layout, task.window);
  writeRecord(layout.memory, record, rankingTaskFields, {
    rank: layout.rank,
    count: layout.count,
    items: layout.items,
    itemCount: layout.itemCount,
    candidates: candidates.positions,
    candidateCount: candidates.count,
    order: candidates.order,
    packed: candidates.packed,
    ...at,
    userCount: task.userCount,
    seenOffsets: layout.filterSeen ? seenOffsets : 0,
    stopFlag: layout.stopFlag,
    batchUsers: layout.batchUsers,
    capacity: layout.capacity,
    scratch: record + recordRoom,
  });
  return record;
}

function addressesIn({ windows, rank, count }: RankingLayout, window: number) {
  const users = windows.offset + window * windows.windowBytes;
  const seenOffsets = users + windows.users * rank * 4;
  const seenItems = seenOffsets + (windows.users + 1) * 4;
  const lengths = seenItems + windows.ratings * 4;
  const positions = lengths + windows.users * 4;
  const scores = positions + windows.users * count * 4;
  return { users, seenOffsets, seenItems, lengths, positions, scores };
}
