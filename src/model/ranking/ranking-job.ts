import { Arena, arenaBytes } from '../../arena.js';
import { MemoryLimitError } from '../../errors.js';
import {
  openRanker,
  packCandidates,
  packedBytes,
  type RankingLayout,
  type RankingTask,
  rankingSlotBytes,
  screenedBytes,
  viewWindow,
  windowBytes,
} from '../../kernels/wasm/ranking.js';
import { fastestBuild } from '../../kernels/wasm/wasm-binary.js';
import type { IdVocabulary } from '../../ratings/id-vocabulary.js';
import type { Recommendation, UserRecommendations } from '../recommender.js';
import type { SeenRatings } from '../seen-ratings.js';
import type { ItemFilter } from './item-filter.js';
import {
  batchOf,
  blockOf,
  candidatePositions,
  type ItemRange,
  maxRatings,
} from './ranking-blocks.js';

/** What lists are made from. Only read, and only while the job is in use; see `reload`. */
export interface RankingInput {
  /** Elements of a row; `scoringRows` may have two more than the model's rank. */
  readonly rank: number;
  /** Row-major, users.size × rank, in the order of positions. */
  readonly userFactors: Float32Array;
  /** Row-major, items.size × rank, in the order of positions. */
  readonly itemFactors: Float32Array;
  /** Euclidean lengths of the items' rows. */
  readonly itemNorms: Float64Array;
  readonly users: IdVocabulary;
  readonly items: IdVocabulary;
  readonly filter: ItemFilter;
  /** Read if the filter leaves out what users rated. */
  readonly seen: () => SeenRatings;
  /** Positions of the users to rank for, in the order of the lists. */
  readonly positions: ArrayLike<number>;
}

/**
 * The lists of many users as tasks that any thread can run, in memory that does not grow with their
 * number: every task on its way has a window for its users and their lists.
 *
 *     load(block, window) ──► task ── any thread ──► read(block, window)
 */
export interface RankingJob {
  readonly layout: RankingLayout;
  /** Items of a list, at most. */
  readonly count: number;
  /** Users of a block; the last may have fewer. */
  readonly blockUsers: number;
  /** The same for further items, in the order of positions, in memories of their own; most jobs have none. */
  readonly others: readonly RankingJob[];
  /** Blocks of users, in the order of the lists. */
  readonly blockCount: number;
  /** Writes the users of a block into a window. */
  load(block: number, window: number): RankingTask;
  /** The lists of a block whose task has run in that window. */
  read(block: number, window: number): UserRecommendations[];
  /** Reads the items' factors and norms again, which may have changed. No task may be under way. */
  reload(): void;
  /** Makes every task end early. */
  stop(): void;
}

/** What a ranking job is laid out for. */
export interface RankingRoom {
  /** How many tasks run at the same time at most. */
  readonly slots: number;
  /** How many are on their way: loaded, running or not read yet. */
  readonly windows: number;
  /** Whether a GPU is to screen; blocks are larger then. Default false. */
  readonly onGpu?: boolean;
  /** Products of a block, about. By default some 10 ms of a core, or enough for a GPU. */
  readonly blockProducts?: number;
  /** What the memory takes at most; default and most: what WebAssembly addresses. */
  readonly memoryBytes?: number;
}

const coreProducts = 3e8;
const gpuProducts = 2e9;

let jobCount = 0;

/**
 * Lays a ranking job out in memory of its own. Throws `MemoryLimitError`.
 *
 * @param range items of the job; default all
 * @param usersAtATime users of a block; default by `blockProducts`
 */
export function createRankingJob(
  input: RankingInput,
  {
    slots,
    windows,
    onGpu = false,
    blockProducts = onGpu ? gpuProducts : coreProducts,
    memoryBytes = arenaBytes,
  }: RankingRoom,
  range: ItemRange = { first: 0, end: input.items.size },
  usersAtATime?: number,
): RankingJob {
  const { rank, filter, positions: userPositions } = input;
  const arena = new Arena();
  const { memory } = arena;
  const build = fastestBuild();
  const itemCount = range.end - range.first;
  const isWhole = itemCount === input.items.size;
  const candidates = candidatePositions(filter, range);
  const count = Math.max(1, Math.min(filter.count, candidates.length));
  const capacity = roundUp(2 * count + 8, 4);
  const batchUsers = batchOf(rank, itemCount, capacity);
  const all = { first: 0, end: input.items.size };
  const candidateCount = isWhole ? candidates.length : candidatePositions(filter, all).length;
  const blockUsers =
    usersAtATime ?? blockOf({ blockProducts, rank, count, candidateCount, batchUsers });
  const blockCount = Math.ceil(userPositions.length / blockUsers);
  const seen = filter.filterSeen ? input.seen() : undefined;
  const window = {
    users: Math.min(blockUsers, userPositions.length),
    ratings: seen === undefined ? 0 : maxRatings(seen, userPositions, blockUsers),
  };
  const sizes = { build, memory, rank, itemCount, batchUsers, capacity };
  const slotBytes = rankingSlotBytes(sizes);
  const bytes = windowBytes(window, rank, count);
  const windowCount = Math.min(windows, blockCount);

  const packed = packedBytes(build, memory, candidates.length, rank);
  const screened = onGpu ? screenedBytes(window.users, capacity) : 0;
  const factors = 4 * itemCount * rank + 8 * candidates.length + packed;
  const needed = factors + slots * slotBytes + windowCount * bytes + screened;
  if (needed > memoryBytes) {
    throw new MemoryLimitError(needed, memoryBytes, 'fewer items with allow, or a lower rank');
  }

  // Fails if there are more factors than items; kernels rely on zeros in the missing rows.
  const items = arena.float32(itemCount * rank);
  const ascending = arena.uint32(candidates.length);
  ascending.set(candidates);
  const order = arena.uint32(candidates.length);
  const layout: RankingLayout = {
    id: `ranking-${jobCount++}`,
    ...sizes,
    count,
    filterSeen: filter.filterSeen,
    items: items.byteOffset,
    candidates: {
      count: candidates.length,
      positions: ascending.byteOffset,
      order: order.byteOffset,
      packed: arena.allocate(packed),
    },
    scratch: { offset: arena.allocate(slots * slotBytes), slotBytes },
    windows: { ...window, offset: arena.allocate(windowCount * bytes), windowBytes: bytes },
    ...(onGpu && { screened: arena.allocate(screened) }),
    stopFlag: arena.allocate(4),
  };
  const reload = (): void => {
    items.set(input.itemFactors.subarray(range.first * rank, range.end * rank));
    const norms = input.itemNorms.subarray(range.first, range.end);
    order.set(ascending);
    order.sort((a, b) => norms[b]! - norms[a]!);
    packCandidates(layout);
  };
  reload();

  return {
    layout,
    count: filter.count,
    blockUsers,
    others: [],
    blockCount,
    reload,
    load(block, window) {
      const views = viewWindow(layout, window);
      const first = block * blockUsers;
      const userCount = Math.min(blockUsers, userPositions.length - first);
      let entry = 0;
      for (let i = 0; i < userCount; i++) {
        const user = userPositions[first + i]!;
        views.users.set(input.userFactors.subarray(user * rank, (user + 1) * rank), i * rank);
        if (seen === undefined) continue;
        views.seenOffsets[i] = entry;
        const [from, to] = [seen.offsets[user]!, seen.offsets[user + 1]!];
        if (isWhole) {
          views.seenItems.set(seen.items.subarray(from, to), entry);
          entry += to - from;
        }
        for (let at = isWhole ? to : from; at < to; at++) {
          const item = seen.items[at]!;
          if (item >= range.first && item < range.end)
            views.seenItems[entry++] = item - range.first;
        }
        views.seenOffsets[i + 1] = entry;
      }
      return { block, window, userCount };
    },
    read(block, window) {
      const { lengths, positions, scores } = viewWindow(layout, window);
      const first = block * blockUsers;
      const userCount = Math.min(blockUsers, userPositions.length - first);
      const lists: UserRecommendations[] = [];
      for (let i = 0; i < userCount; i++) {
        const recommendations: Recommendation[] = [];
        const end = i * count + lengths[i]!;
        for (let at = i * count; at < end; at++) {
          const itemId = input.items.at(range.first + positions[at]!);
          recommendations.push({ itemId, score: scores[at]! });
        }
        lists.push({ userId: input.users.at(userPositions[first + i]!), recommendations });
      }
      return lists;
    },
    stop() {
      Atomics.store(new Int32Array(memory.buffer, layout.stopFlag, 1), 0, 1);
    },
  };
}

/** Runs a job of one memory in this thread, block by block, each when its first list is asked for. */
export function* rankInPlace(job: RankingJob): Generator<UserRecommendations[]> {
  const ranker = openRanker(job.layout);
  for (let block = 0; block < job.blockCount; block++) {
    ranker.run(job.load(block, 0), 0);
    yield job.read(block, 0);
  }
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
