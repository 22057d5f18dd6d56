import type { SeenRatings } from '../seen-ratings.js';
import type { ItemFilter } from './item-filter.js';

/** Items by position, `end` exclusive. */
export interface ItemRange {
  readonly first: number;
  readonly end: number;
}

/** Bytes of lists in a window, of marks and kept items in a slot. */
const listBytes = 4 * 2 ** 20;
const batchBytes = 4 * 2 ** 20;
/** Bytes of a batch's users, a share of the first-level cache. */
const groupBytes = 8 * 2 ** 10;

/** Those of a range from its first, ascending, each once. */
export function candidatePositions(
  { allow, deny }: ItemFilter,
  { first, end }: ItemRange,
): Uint32Array {
  const itemCount = end - first;
  const isCandidate = new Uint8Array(itemCount).fill(allow === undefined ? 1 : 0);
  // What lies outside of an array is not written.
  for (const position of allow ?? []) isCandidate[position - first] = 1;
  for (const position of deny) isCandidate[position - first] = 0;
  const positions = new Uint32Array(itemCount);
  let count = 0;
  for (let position = 0; position < itemCount; position++) {
    if (isCandidate[position] === 1) positions[count++] = position;
  }
  return positions.slice(0, count);
}

/** Users of a batch: as many as their rows, marks and kept items leave room for, 4 to 64. */
export function batchOf(rank: number, itemCount: number, capacity: number): number {
  const users = Math.min(64, groupBytes / (2 * rank), batchBytes / (itemCount / 8 + 8 * capacity));
  return Math.max(4, users - (users % 4));
}

/** Users of a block: whole batches. */
export function blockOf({
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
export function maxRatings(
  seen: SeenRatings,
  users: ArrayLike<number>,
  blockUsers: number,
): number {
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
