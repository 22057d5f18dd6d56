import { MemoryLimitError } from '../../errors.js';
import type { UserRecommendations } from '../recommender.js';
import type { ItemRange } from './ranking-blocks.js';
import {
  createRankingJob,
  type RankingInput,
  type RankingJob,
  type RankingRoom,
  rankInPlace,
} from './ranking-job.js';

/**
 * A ranking job in one memory, or with items in as many as they need. Their lists are merged, which gives
 * the same ones. Throws `MemoryLimitError` if users alone are too many.
 */
export function createFittingRanking(input: RankingInput, room: RankingRoom): RankingJob {
  const most = Math.min(maxParts, input.items.size);
  for (let parts = 1; ; ) {
    try {
      return createInParts(input, room, parts);
    } catch (error) {
      if (!(error instanceof MemoryLimitError) || parts >= most) throw error;
      const { neededBytes, limitBytes } = error;
      // What does not depend on the items is in every memory.
      const wanted = Math.ceil((parts * neededBytes) / limitBytes);
      parts = Math.min(most, Math.max(parts + 1, wanted));
    }
  }
}

/** Each has threads of its own. */
const maxParts = 64;

function createInParts(input: RankingInput, room: RankingRoom, parts: number): RankingJob {
  const itemCount = input.items.size;
  const boundary = (part: number) => Math.floor((itemCount * part) / parts);
  const [first, ...ranges] = Array.from(
    { length: parts },
    (_, part): ItemRange => ({ first: boundary(part), end: boundary(part + 1) }),
  );
  const job = createRankingJob(input, room, first);
  if (ranges.length === 0) return job;
  const others = ranges.map((range) => createRankingJob(input, room, range, job.blockUsers));
  return {
    ...job,
    others,
    reload() {
      for (const one of [job, ...others]) one.reload();
    },
    stop() {
      for (const one of [job, ...others]) one.stop();
    },
  };
}

/** Runs a job in this thread; see `rankInPlace`. */
export function* rankAllInPlace(job: RankingJob): Generator<UserRecommendations> {
  if (job.others.length === 0) {
    for (const lists of rankInPlace(job)) yield* lists;
    return;
  }
  const running = [job, ...job.others].map(rankInPlace);
  for (;;) {
    const blocks = running.map((one) => one.next());
    if (blocks.some(({ done }) => done)) return;
    yield* mergeLists(
      blocks.map(({ value }) => value as UserRecommendations[]),
      job.count,
    );
  }
}

/**
 * Yields the lists of one block after the other, merged out of those of all memories. Ends all of them
 * before it is done, also when it is left early.
 *
 * @param blocksOf runs the job of one memory
 */
export async function* mergedBlocks(
  job: RankingJob,
  blocksOf: (one: RankingJob) => AsyncGenerator<UserRecommendations[]>,
): AsyncGenerator<UserRecommendations[]> {
  if (job.others.length === 0) {
    yield* blocksOf(job);
    return;
  }
  const running = [job, ...job.others].map(blocksOf);
  try {
    for (;;) {
      const blocks = await Promise.all(running.map((one) => one.next()));
      if (blocks.some(({ done }) => done)) return;
      yield mergeLists(
        blocks.map(({ value }) => value as UserRecommendations[]),
        job.count,
      );
    }
  } finally {
    job.stop();
    await Promise.all(running.map((one) => one.return(undefined)));
  }
}

/**
 * The lists of some users out of those of all memories, in the order of positions: the best first, equal
 * scores in the order of positions.
 */
function mergeLists(
  parts: readonly (readonly UserRecommendations[])[],
  count: number,
): UserRecommendations[] {
  return parts[0]!.map(({ userId }, at) => {
    const all = parts.flatMap((lists) => lists[at]!.recommendations);
    // Array sorts are stable.
    all.sort((a, b) => (a.score < b.score ? 1 : a.score > b.score ? -1 : 0));
    return { userId, recommendations: all.slice(0, count) };
  });
}
