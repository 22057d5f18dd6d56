import { keyOf, scoreOf, sortDown } from './list-keys';
import { isMarked, keptPositionsOf, keysOf, marksOf, RankingTask, stateOf } from './ranking-task';

/*
 * Exact scores, sorted by their keys; see list-keys.ts.
 */

/** Scores the kept items of a user exactly and writes the list. */
export function listKept(task: RankingTask, user: usize, row: usize, out: usize): void {
  listThese(task, keptPositionsOf(task, user), <usize>stateOf(task, user).length, row, out);
}

/**
 * Scores some items of a user exactly and writes the list.
 *
 * @param length at most the task's capacity
 */
export function listThese(
  task: RankingTask,
  positions: usize,
  length: usize,
  row: usize,
  out: usize,
): void {
  const keys = keysOf(task);
  assert(length <= task.capacity, 'more items than keys');
  for (let i: usize = 0; i < length; i += 4) {
    // A last group of fewer than four repeats the last item.
    const end = length - 1;
    keyFour(task, row, positions, keys, i, min(i + 1, end), min(i + 2, end), min(i + 3, end));
  }
  writeList(task, length, row, out);
}

/** Scores all items for a user exactly and writes the list; what is not a number is left out. */
export function listAll(task: RankingTask, user: usize, row: usize, out: usize): void {
  const marks = marksOf(task, user);
  const keys = keysOf(task);
  let length: usize = 0;
  let bar = i64.MIN_VALUE;
  for (let i: usize = 0; i < task.candidateCount; i++) {
    const position = load<u32>(task.candidates + (i << 2));
    if (task.seenOffsets != 0 && isMarked(marks, position)) continue;
    const score = exactScore(task, row, position);
    if (!(score > -Infinity)) continue;
    const key = keyOf(score, position);
    if (key <= bar) continue;
    assert(length < task.capacity, 'no room for a key');
    store<i64>(keys + (length << 3), key);
    length++;
    if (length < task.capacity) continue;
    sortDown(keys, length);
    length = task.count;
    bar = load<i64>(keys + ((length - 1) << 3));
  }
  writeList(task, length, row, out);
}

/** Keys of four items, whose sums run side by side. */
// @ts-ignore: decorator
@inline
function keyFour(
  task: RankingTask,
  row: usize,
  positions: usize,
  keys: usize,
  i: usize,
  j: usize,
  k: usize,
  l: usize,
): void {
  const rowBytes = task.rank << 2;
  const a = load<u32>(positions + (i << 2));
  const b = load<u32>(positions + (j << 2));
  const c = load<u32>(positions + (k << 2));
  const d = load<u32>(positions + (l << 2));
  const itemA = task.items + a * rowBytes;
  const itemB = task.items + b * rowBytes;
  const itemC = task.items + c * rowBytes;
  const itemD = task.items + d * rowBytes;
  let sumA: f64 = 0;
  let sumB: f64 = 0;
  let sumC: f64 = 0;
  let sumD: f64 = 0;
  for (let at: usize = 0; at < rowBytes; at += 4) {
    const x = <f64>load<f32>(row + at);
    sumA += x * <f64>load<f32>(itemA + at);
    sumB += x * <f64>load<f32>(itemB + at);
    sumC += x * <f64>load<f32>(itemC + at);
    sumD += x * <f64>load<f32>(itemD + at);
  }
  store<i64>(keys + (i << 3), keyOf(<f32>sumA, a));
  store<i64>(keys + (j << 3), keyOf(<f32>sumB, b));
  store<i64>(keys + (k << 3), keyOf(<f32>sumC, c));
  store<i64>(keys + (l << 3), keyOf(<f32>sumD, d));
}

/** x·y as `score-items.ts` of the models defines it: summed in float64 in order, then rounded. */
function exactScore(task: RankingTask, row: usize, position: usize): f32 {
  const item = task.items + position * (task.rank << 2);
  let sum: f64 = 0;
  for (let at: usize = 0, end = task.rank << 2; at < end; at += 4) {
    sum += <f64>load<f32>(row + at) * <f64>load<f32>(item + at);
  }
  return <f32>sum;
}

function writeList(task: RankingTask, length: usize, row: usize, user: usize): void {
  const keys = keysOf(task);
  assert(length <= task.capacity && user < task.userCount, 'a list beyond its window');
  sortDown(keys, length);
  const kept = min(length, task.count);
  store<u32>(task.lengths + (user << 2), <u32>kept);
  const at = user * (task.count << 2);
  for (let i: usize = 0; i < kept; i++) {
    const key = load<i64>(keys + (i << 3));
    const position = ~(<u32>key);
    const score = scoreOf(key);
    store<u32>(task.positions + at + (i << 2), position);
    // The key of −0 is that of 0.
    store<f32>(task.scores + at + (i << 2), score == 0 ? exactScore(task, row, position) : score);
  }
}
