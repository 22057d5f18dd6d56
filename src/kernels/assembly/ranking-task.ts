import { PackedItems } from './packed-items';
import { pairsOf } from './quantize';

/**
 * One task of ranking as `ranking.ts` of the kernels writes it at the start of its slot, one 32-bit
 * word a field in this order. Fields of type usize are byte offsets into the shared memory, or
 * counts. Positions are u32, factors f32 without padding.
 */
@unmanaged
export class RankingTask {
  rank: usize;
  /** Length of the lists, 1 … candidateCount. */
  count: usize;
  /** All items, itemCount × rank. */
  items: usize;
  itemCount: usize;
  /** Positions of the items that may be recommended, ascending, and as they are packed. */
  candidates: usize;
  candidateCount: usize;
  order: usize;
  packed: PackedItems;

  /** The task's users, userCount × rank. */
  users: usize;
  userCount: usize;
  /** What they rated: userCount + 1 entries from `seenOffsets`; 0 if it is not to be left out. */
  seenOffsets: usize;
  seenItems: usize;

  /** Lists come out here: a length a user, and `count` positions and scores a user. */
  lengths: usize;
  positions: usize;
  scores: usize;
  stopFlag: usize;

  /** Users at a time, a multiple of four; candidates that one of them keeps at most. */
  batchUsers: usize;
  capacity: usize;
  /** Private memory of `rankingScratch` bytes, whatever is in it. */
  scratch: usize;
}

/** Bytes of scratch memory. */
export function rankingScratch(
  rank: usize,
  itemCount: usize,
  batchUsers: usize,
  capacity: usize,
): usize {
  return (
    sharedBytes +
    (capacity << 3) +
    batchUsers * (stateBytes + (pairsOf(rank) << 2) + (capacity << 3) + marksBytes(itemCount))
  );
}

/** Room for what a hit and a row's size are written to. */
const sharedBytes: usize = 64;

/** What is known of one user of the batch. */
@unmanaged
export class UserState {
  /** Bar: products of whole numbers above it are kept. */
  bar: i32;
  /** How far the product of an item of the list may lie below the count-th best product. */
  slack: i32;
  /** Items kept. */
  length: u32;
  /** 1 if the user is ranked by exact scores of all items. */
  isExact: u32;
}

const stateBytes: usize = 16;

/** Bytes of one user's marks, a bit an item. */
// @ts-ignore: decorator
@inline
export function marksBytes(itemCount: usize): usize {
  return ((itemCount + 31) >> 5) << 2;
}

/* Scratch memory: shared | keys | states | groups of four users | kept products | kept positions | marks */

// @ts-ignore: decorator
@inline
export function keysOf(task: RankingTask): usize {
  return task.scratch + sharedBytes;
}

// @ts-ignore: decorator
@inline
export function stateOf(task: RankingTask, user: usize): UserState {
  return changetype<UserState>(keysOf(task) + (task.capacity << 3) + user * stateBytes);
}

/** The batch as whole numbers: pair 0 of four users, pair 1 of the same four, … */
// @ts-ignore: decorator
@inline
export function groupsOf(task: RankingTask): usize {
  return changetype<usize>(stateOf(task, task.batchUsers));
}

/** The products that a user keeps, i32; capacity is a multiple of four. */
// @ts-ignore: decorator
@inline
export function productsOf(task: RankingTask, user: usize): usize {
  const all = groupsOf(task) + task.batchUsers * (pairsOf(task.rank) << 2);
  return all + user * (task.capacity << 2);
}

/** The positions of the items that a user keeps. */
// @ts-ignore: decorator
@inline
export function keptPositionsOf(task: RankingTask, user: usize): usize {
  return productsOf(task, task.batchUsers + user);
}

/** A bit an item: 1 if it must not be recommended to the user. */
// @ts-ignore: decorator
@inline
export function marksOf(task: RankingTask, user: usize): usize {
  return keptPositionsOf(task, task.batchUsers) + user * marksBytes(task.itemCount);
}

// @ts-ignore: decorator
@inline
export function isMarked(marks: usize, position: usize): bool {
  return ((load<u32>(marks + ((position >> 5) << 2)) >> (<u32>position & 31)) & 1) != 0;
}
