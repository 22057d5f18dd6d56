import { firstPanel, panelBytes } from './packed-items';
import { pairsOf } from './quantize';
import { keepProduct } from './kept-items';
import { groupsOf, RankingTask, stateOf, UserState } from './ranking-task';

/**
 * Multiplies a batch of users with every packed item and keeps the products above the users' bars;
 * none of the others is stored.
 */
export function screenItems(task: RankingTask, userCount: usize): void {
  const panels = (task.candidateCount + 7) >> 3;
  let panel = firstPanel(task.packed);
  for (let i: usize = 0; i < panels; i++) {
    screenPanel(task, userCount, panel, i << 3);
    panel += panelBytes(task.rank);
  }
}

/**
 * One panel, which stays in the first-level cache, against groups of four users: 32 sums in
 * registers share six loads a pair of elements.
 *
 * @param first index of the panel's first item
 */
function screenPanel(task: RankingTask, userCount: usize, panel: usize, first: usize): void {
  const groupBytes = pairsOf(task.rank) << 4;
  let users = groupsOf(task);
  let state = changetype<usize>(stateOf(task, 0));
  for (let user: usize = 0; user < userCount; user += 4) {
    let a0 = i32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    let items = panel;
    for (const end = users + groupBytes; users < end; users += 16) {
      const low = v128.load(items);
      const high = v128.load(items, 16);
      const a = v128.load32_splat(users);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(a, low));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(a, high));
      const b = v128.load32_splat(users, 4);
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(b, low));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(b, high));
      const c = v128.load32_splat(users, 8);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(c, low));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(c, high));
      const d = v128.load32_splat(users, 12);
      d0 = i32x4.add(d0, i32x4.dot_i16x8_s(d, low));
      d1 = i32x4.add(d1, i32x4.dot_i16x8_s(d, high));
      items += 32;
    }
    if (isAbove(state, a0, a1)) keepHits(task, user, first, a0, a1);
    if (isAbove(state + 16, b0, b1)) keepHits(task, user + 1, first, b0, b1);
    if (isAbove(state + 32, c0, c1)) keepHits(task, user + 2, first, c0, c1);
    if (isAbove(state + 48, d0, d1)) keepHits(task, user + 3, first, d0, d1);
    state += 64;
  }
}

/** Whether one of eight products is above the user's bar. */
// @ts-ignore: decorator
@inline
function isAbove(state: usize, low: v128, high: v128): bool {
  const bar = v128.load32_splat(state + offsetof<UserState>('bar'));
  return v128.any_true(v128.or(i32x4.gt_s(low, bar), i32x4.gt_s(high, bar)));
}

function keepHits(task: RankingTask, user: usize, first: usize, low: v128, high: v128): void {
  const state = stateOf(task, user);
  v128.store(task.scratch, low);
  v128.store(task.scratch, high, 16);
  const bar = i32x4.splat(state.bar);
  let hits =
    i32x4.bitmask(i32x4.gt_s(low, bar)) | (i32x4.bitmask(i32x4.gt_s(high, bar)) << 4);
  for (; hits != 0; hits &= hits - 1) {
    const lane = <usize>ctz(hits);
    // What fills the last panel up is no item.
    if (first + lane >= task.candidateCount) return;
    const product = load<i32>(task.scratch + (lane << 2));
    // Each kept product may raise the bar, or end the screening of this user.
    if (product > state.bar) keepProduct(task, user, product, first + lane);
  }
}
