import {
  isMarked,
  keptPositionsOf,
  marksOf,
  productsOf,
  RankingTask,
  stateOf,
  UserState,
} from './ranking-task';

/**
 * Keeps an item for a user unless it is marked; raises the bar when there is no room left. There is
 * room for one item before and after. The product must be above the user's bar: none is once the user
 * is ranked exactly, and then there is no room.
 */
export function keepProduct(task: RankingTask, user: usize, product: i32, index: usize): void {
  const position = load<u32>(task.order + (index << 2));
  if (task.seenOffsets != 0 && isMarked(marksOf(task, user), position)) return;
  const state = stateOf(task, user);
  assert(!state.isExact && state.length < <u32>task.capacity, 'no room for a product');
  const at = <usize>state.length << 2;
  store<i32>(productsOf(task, user) + at, product);
  store<u32>(keptPositionsOf(task, user) + at, position);
  state.length++;
  if (state.length < <u32>task.capacity) return;
  raiseBar(task, user);
  // Too many alike, as when many rows are equal: only exact scores tell them apart.
  if (state.length > <u32>((task.count + task.capacity) >> 1)) rankExactlyLater(state);
}

// @ts-ignore: decorator
@inline
export function rankExactlyLater(state: UserState): void {
  state.isExact = 1;
  state.bar = i32.MAX_VALUE;
}

/**
 * Raises a user's bar to just below what may still belong to the list, and drops what is not above
 * it. Does nothing if fewer than `count` items are kept.
 *
 * With e the greatest error of a product, count items score at least their products − e, at worst
 * p − e with p the count-th best product; so no item with a product below p − 2e = p − slack belongs
 * to the list.
 */
export function raiseBar(task: RankingTask, user: usize): void {
  const state = stateOf(task, user);
  if (state.length < <u32>task.count) return;
  const products = productsOf(task, user);
  const positions = keptPositionsOf(task, user);
  const bar = <i64>nearBest(products, state.length, <i32>task.count, state.bar) - state.slack - 1;
  state.bar = <i32>max(bar, <i64>i32.MIN_VALUE);
  let kept: usize = 0;
  const end = <usize>state.length << 2;
  for (let at: usize = 0; at < end; at += 4) {
    const product = load<i32>(products + at);
    store<i32>(products + kept, product);
    store<u32>(positions + kept, load<u32>(positions + at));
    if (product > state.bar) kept += 4;
  }
  state.length = <u32>(kept >> 2);
}

/**
 * A value that at least `count` of the products reach and few more than `count`, found by halving
 * the range of values. At least `count` products are given, all of them above `bar`, and room for
 * three more.
 */
function nearBest(products: usize, length: usize, count: i32, bar: i32): i32 {
  const few = count + (count >> 3);
  // The last vector is filled up with what reaches nothing.
  for (; (length & 3) != 0; length++) store<i32>(products + (length << 2), i32.MIN_VALUE);
  const end = products + (length << 2);
  let least = v128.load(products);
  let most = least;
  for (let at = products + 16; at < end; at += 16) {
    least = i32x4.min_s(least, v128.load(at));
    most = i32x4.max_s(most, v128.load(at));
  }
  least = i32x4.min_s(least, v128.shuffle<i32>(least, least, 2, 3, 0, 1));
  most = i32x4.max_s(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
  // `low` is reached by at least count, `high` by fewer.
  let low: i64 = max(bar, min(i32x4.extract_lane(least, 0), i32x4.extract_lane(least, 1)));
  let high: i64 = <i64>max(i32x4.extract_lane(most, 0), i32x4.extract_lane(most, 1)) + 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const reached = reaching(products, end, <i32>middle);
    if (reached >= count) {
      low = middle;
      if (reached <= few) break;
    } else {
      high = middle;
    }
  }
  return <i32>low;
}

/** How many products are at least `value`. */
function reaching(products: usize, end: usize, value: i32): i32 {
  const bar = i32x4.splat(value);
  let sums = i32x4.splat(0);
  for (let at = products; at < end; at += 16) {
    sums = i32x4.sub(sums, i32x4.ge_s(v128.load(at), bar));
  }
  sums = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 2, 3, 0, 1));
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1);
}
