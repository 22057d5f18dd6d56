import { checkWords, guardBytes, guardWords } from './guards';
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

/** Bytes of scratch memory; may be more than fits 32 bits. */
export function rankingScratch(
  rank: usize,
  itemCount: usize,
  batchUsers: usize,
  capacity: usize,
): f64 {
  // As u64, for lists can be as long as there are items.
  const kept = (<u64>capacity << 2) + guardBytes;
  const marks = <u64>marksBytes(itemCount) + guardBytes;
  const user = stateBytes + (<u64>pairsOf(rank) << 2) + 2 * kept + marks;
  return <f64>(sharedBytes + (<u64>capacity << 3) + 2 * guardBytes + <u64>batchUsers * user);
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

/*
 * Scratch memory: shared | keys | states | groups of four users | kept products | kept positions | marks.
 * A guard follows the keys, the groups, and what each user has in the last three.
 */

// @ts-ignore: decorator
@inline
export function keysOf(task: RankingTask): usize {
  return task.scratch + sharedBytes;
}

// @ts-ignore: decorator
@inline
export function stateOf(task: RankingTask, user: usize): UserState {
  const states = keysOf(task) + (task.capacity << 3) + guardBytes;
  return changetype<UserState>(states + user * stateBytes);
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
  const all = groupsOf(task) + task.batchUsers * (pairsOf(task.rank) << 2) + guardBytes;
  return all + user * ((task.capacity << 2) + guardBytes);
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
  return keptPositionsOf(task, task.batchUsers) + user * (marksBytes(task.itemCount) + guardBytes);
}

/** Writes the guards of the scratch memory. */
export function guardRanking(task: RankingTask): void {
  if (ASC_NO_ASSERT) return;
  assert((task.batchUsers & 3) == 0 && (task.capacity & 3) == 0, 'groups that are not whole');
  assert(task.count < task.capacity, 'no room for more than the list');
  assert(task.lengths + (task.userCount << 2) <= task.positions, 'lengths beyond their window');
  assert(
    task.positions + task.userCount * (task.count << 2) <= task.scores,
    'positions beyond their window',
  );
  const keysEnd = keysOf(task) + (task.capacity << 3);
  guardWords(keysEnd, keysEnd + guardBytes);
  const groupsEnd = productsOf(task, 0) - guardBytes;
  guardWords(groupsEnd, groupsEnd + guardBytes);
  for (let user: usize = 0; user < task.batchUsers; user++) {
    guardWords(productsOf(task, user + 1) - guardBytes, productsOf(task, user + 1));
    guardWords(keptPositionsOf(task, user + 1) - guardBytes, keptPositionsOf(task, user + 1));
    guardWords(marksOf(task, user + 1) - guardBytes, marksOf(task, user + 1));
  }
}

/** In debug builds, fails if a store has left its part of the scratch memory. */
export function checkRanking(task: RankingTask): void {
  if (ASC_NO_ASSERT) return;
  const keysEnd = keysOf(task) + (task.capacity << 3);
  checkWords(keysEnd, keysEnd + guardBytes);
  const groupsEnd = productsOf(task, 0) - guardBytes;
  checkWords(groupsEnd, groupsEnd + guardBytes);
  for (let user: usize = 0; user < task.batchUsers; user++) {
    checkWords(productsOf(task, user + 1) - guardBytes, productsOf(task, user + 1));
    checkWords(keptPositionsOf(task, user + 1) - guardBytes, keptPositionsOf(task, user + 1));
    checkWords(marksOf(task, user + 1) - guardBytes, marksOf(task, user + 1));
  }
}

// @ts-ignore: decorator
@inline
export function isMarked(marks: usize, position: usize): bool {
  return ((load<u32>(marks + ((position >> 5) << 2)) >> (<u32>position & 31)) & 1) != 0;
}
