import { Arena } from '../../arena.js';
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
}

const coreProducts = 3e8;
const gpuProducts = 2e9;
/** Bytes of lists in a window, of marks and kept items in a slot. */
const listBytes = 4 * 2 ** 20;
const batchBytes = 4 * 2 ** 20;
/** Bytes of a batch's users, a share of the first-level cache. */
const groupBytes = 8 * 2 ** 10;

let jobCount = 0;

/** Lays a ranking job out in memory of its own. Throws `MemoryLimitError`. */
export function createRankingJob(
  input: RankingInput,
  {
    slots,
    windows,
    onGpu = false,
    blockProducts = onGpu ? gpuProducts : coreProducts,
  }: RankingRoom,
): RankingJob {
  const { rank, filter, positions: userPositions } = input;
  const arena = new Arena();
  const { memory } = arena;
  const build = fastestBuild();
  const itemCount = input.items.size;
  const candidates = candidatePositions(filter, itemCount);
  const count = Math.max(1, Math.min(filter.count, candidates.length));
  const capacity = roundUp(2 * count + 8, 4);
  const batchUsers = batchOf(rank, itemCount, capacity);
  const blockUsers = blockOf({
    blockProducts,
    rank,
    count,
    candidateCount: candidates.length,
    batchUsers,
  });
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
      packed: arena.allocate(packedBytes(build, memory, candidates.length, rank)),
    },
    scratch: { offset: arena.allocate(slots * slotBytes), slotBytes },
    windows: { ...window, offset: arena.allocate(windowCount * bytes), windowBytes: bytes },
    ...(onGpu && { screened: arena.allocate(screenedBytes(window.users, capacity)) }),
    stopFlag: arena.allocate(4),
  };
  const reload = (): void => {
    items.set(input.itemFactors);
    order.set(ascending);
    order.sort((a, b) => input.itemNorms[b]! - input.itemNorms[a]!);
    packCandidates(layout);
  };
  reload();

  return {
    layout,
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
        const [from, to] = [seen.offsets[user]!, seen.offsets[user + 1]!];
        views.seenItems.set(seen.items.subarray(from, to), entry);
        views.seenOffsets[i] = entry;
        entry += to - from;
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
          recommendations.push({ itemId: input.items.at(positions[at]!), score: scores[at]! });
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

/** Runs a job in this thread, block by block, each when its first list is asked for. */
export function* rankInPlace(job: RankingJob): Generator<UserRecommendations> {
  const ranker = openRanker(job.layout);
  for (let block = 0; block < job.blockCount; block++) {
    ranker.run(job.load(block, 0), 0);
    yield* job.read(block, 0);
  }
}

/** Ascending, each once. */
function candidatePositions({ allow, deny }: ItemFilter, itemCount: number): Uint32Array {
  const isCandidate = new Uint8Array(itemCount).fill(allow === undefined ? 1 : 0);
  for (const position of allow ?? []) isCandidate[position] = 1;
  for (const position of deny) isCandidate[position] = 0;
  const positions = new Uint32Array(itemCount);
  let count = 0;
  for (let position = 0; position < itemCount; position++) {
    if (isCandidate[position] === 1) positions[count++] = position;
  }
  return positions.slice(0, count);
}

/** Users of a batch: as many as their rows, marks and kept items leave room for, 4 to 64. */
function batchOf(rank: number, itemCount: number, capacity: number): number {
  const users = Math.min(64, groupBytes / (2 * rank), batchBytes / (itemCount / 8 + 8 * capacity));
  return Math.max(4, users - (users % 4));
}

/** Users of a block: whole batches. */
function blockOf({
  blockProducts,
  rank,
  count,
  candidateCount,
  batchUsers,
}: {
  readonly blockProducts: number;
  readonly rank: number;
  readonly count: number;
  readonly candidateCount: number;
  readonly batchUsers: number;
}): number {
  // A user's own costs count as much as 500 candidates.
  const users = Math.min(blockProducts / (rank * (candidateCount + 500)), listBytes / (8 * count));
  return batchUsers * Math.max(1, Math.floor(users / batchUsers));
}

/** Most ratings that a block's users have together. */
function maxRatings(seen: SeenRatings, users: ArrayLike<number>, blockUsers: number): number {
  let most = 0;
  for (let first = 0; first < users.length; first += blockUsers) {
    const end = Math.min(first + blockUsers, users.length);
    let ratings = 0;
    for (let i = first; i < end; i++) {
      ratings += seen.offsets[users[i]! + 1]! - seen.offsets[users[i]!]!;
    }
    most = Math.max(most, ratings);
  }
  return most;
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
