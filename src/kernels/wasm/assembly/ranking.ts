import { raiseBar, rankExactlyLater } from './kept-items';
import { measureRow, pairsOf, quantize, RowSize, scaleOf } from './quantize';
import { listAll, listKept, listThese } from './ranked-list';
import {
  checkRanking,
  groupsOf,
  guardRanking,
  marksBytes,
  marksOf,
  RankingTask,
  stateOf,
} from './ranking-task';
import { screenItems } from './screen';

/**
 * Writes the best items of every user of the task, exactly as if all scores were computed and sorted:
 *
 *     1. products of whole numbers, 32 at a time, keep what may belong to a list (screen.ts)
 *     2. what was kept is scored exactly and sorted (ranked-list.ts)
 *
 * @returns false if the stop flag was raised before the end
 */
export function rankUsers(task: RankingTask): bool {
  guardRanking(task);
  for (let first: usize = 0; first < task.userCount; first += task.batchUsers) {
    if (atomic.load<i32>(task.stopFlag) != 0) return false;
    rankBatch(task, first, min(task.batchUsers, task.userCount - first));
  }
  checkRanking(task);
  return true;
}

/**
 * The same when something else has screened: only what it kept is scored and sorted. A user of whose items it
 * kept more than fit is ranked as `rankUsers` does.
 *
 * @param kept of every user a length, and then room for `capacity` positions, u32
 * @returns false if the stop flag was raised before the end
 */
export function rankScreened(task: RankingTask, kept: usize): bool {
  guardRanking(task);
  const rowBytes = task.rank << 2;
  const keptBytes = (task.capacity + 1) << 2;
  for (let user: usize = 0; user < task.userCount; user++) {
    if ((user & 63) == 0 && atomic.load<i32>(task.stopFlag) != 0) return false;
    const length = <usize>load<u32>(kept);
    if (!isKept(task, kept + 4, length)) rankBatch(task, user, 1);
    else listThese(task, kept + 4, length, task.users + user * rowBytes, user);
    kept += keptBytes;
  }
  checkRanking(task);
  return true;
}

/** Whether what was screened fits, and is of items that there are: a device may fail. */
function isKept(task: RankingTask, positions: usize, length: usize): bool {
  if (length > task.capacity) return false;
  for (let i: usize = 0; i < length; i++) {
    if (load<u32>(positions + (i << 2)) >= <u32>task.itemCount) return false;
  }
  return true;
}

function rankBatch(task: RankingTask, first: usize, count: usize): void {
  const rowBytes = task.rank << 2;
  const whole = (count + 3) & ~3;
  memory.fill(groupsOf(task), 0, whole * (pairsOf(task.rank) << 2));
  for (let user: usize = 0; user < count; user++) {
    beginUser(task, user, task.users + (first + user) * rowBytes);
    if (task.seenOffsets != 0) markSeen(task, user, first + user);
  }
  // What fills the last group up is no user: nothing is above its bar.
  for (let user = count; user < whole; user++) rankExactlyLater(stateOf(task, user));

  screenItems(task, whole);

  for (let user: usize = 0; user < count; user++) {
    const row = task.users + (first + user) * rowBytes;
    if (stateOf(task, user).isExact) {
      listAll(task, user, row, first + user);
    } else {
      raiseBar(task, user);
      listKept(task, user, row, first + user);
    }
  }
}

/**
 * Writes a user as whole numbers and bounds the error of a product.
 *
 * With x = s·p + e and y = t·q + f, x·y − s·t·(p·q) = e·y + s·p·f, at most |e||y| + (|x| + |e|)|f|.
 * The score itself is x·y rounded: 2⁻²³ of |x||y| is twice what float32 and the sum can add, and
 * 2⁻¹⁴⁹ what rounding to the smallest numbers can.
 */
function beginUser(task: RankingTask, user: usize, row: usize): void {
  const state = stateOf(task, user);
  state.bar = i32.MIN_VALUE;
  state.length = 0;
  state.isExact = 0;
  const size = changetype<RowSize>(task.scratch);
  measureRow(row, task.rank, size);
  const items = task.packed;
  const greatest = size.norm * items.norm;
  // Zero has no direction, and beyond float32 scores are infinite or not numbers.
  if (!(greatest > 0 && greatest < 1e38)) {
    rankExactlyLater(state);
    return;
  }
  const scale = scaleOf(size, task.rank);
  const group = groupsOf(task) + (user >> 2) * (pairsOf(task.rank) << 4);
  const error = quantize(row, task.rank, scale, group + ((user & 3) << 2), 16);
  const missing =
    error * items.norm + (size.norm + error) * items.error + greatest * 2.0 ** -23 + 2.0 ** -149;
  const slack = Math.ceil((2.000001 * missing) / (scale * items.scale));
  if (slack < <f64>i32.MAX_VALUE) state.slack = <i32>slack;
  else rankExactlyLater(state);
}

/** Marks what a user rated. */
function markSeen(task: RankingTask, user: usize, row: usize): void {
  const marks = marksOf(task, user);
  // A thread that died may have left marks.
  memory.fill(marks, 0, marksBytes(task.itemCount));
  const end = load<u32>(task.seenOffsets + (row << 2), 4);
  for (let at = load<u32>(task.seenOffsets + (row << 2)); at < end; at++) {
    const position = load<u32>(task.seenItems + (<usize>at << 2));
    assert(position < <u32>task.itemCount, 'a seen item that is none');
    const word = marks + ((<usize>position >> 5) << 2);
    store<u32>(word, load<u32>(word) | (1 << (position & 31)));
  }
}
