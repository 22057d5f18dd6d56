import { confidences, targets } from './confidence';
import { multiplyAdd, sumOfLanes } from './lanes';
import { addEight, addFour, dotEight, dotFour } from './neighbours';
import { elementAt, Task } from './task';

/*
 * Products of one row with its neighbours. A row's entries are taken in groups of eight from its
 * first on, then a four, then the last one to three: grouping depends on the row alone, so its sums
 * are the same to the last bit however a walk is cut into pieces.
 */

/** A row's last, incomplete group, filled up with copies of its last entry. Bytes 0 … 127. */
@unmanaged
export class Bench {
  weights0: v128;
  weights1: v128;
  columns: v128;
  ratings: v128;
  products: v128;
}

export const benchBytes: usize = 128;

/**
 * products[e] = y·vector for the entries e of a row from `at` on whose group ends before `limit`.
 *
 * @param columns u32, the array that entries index
 * @param end one past the row's last entry
 * @param limit column where to stop, exclusive
 * @param products f32, indexed by entry
 * @returns the first entry not done
 */
export function dotRow(
  task: Task,
  bench: Bench,
  columns: usize,
  at: usize,
  end: usize,
  limit: usize,
  vector: usize,
  products: usize,
): usize {
  const fixed = task.fixed;
  const rowBytes = task.stride << 2;
  while (end - at >= 8 && load<u32>(elementAt(columns, at + 7)) < limit) {
    dotEight(fixed, rowBytes, elementAt(columns, at), vector, elementAt(products, at));
    at += 8;
  }
  if (end - at >= 8 || at == end || load<u32>(elementAt(columns, end - 1)) >= limit) return at;
  if (end - at >= 4) {
    dotFour(fixed, rowBytes, elementAt(columns, at), vector, elementAt(products, at));
    at += 4;
  }
  if (at < end) dotLast(task, bench, columns, at, end, vector, products);
  return end;
}

/**
 * As `dotRow`, and out += Σ ((c − u)·product − bias·c·t)·y over the same entries, where u is the
 * weight of unobserved cells. With bias 0 `out` gains the observed part of A·vector, with bias 1
 * that part less b.
 *
 * @param out one row
 */
export function pullRow(
  task: Task,
  bench: Bench,
  at: usize,
  end: usize,
  limit: usize,
  vector: usize,
  bias: f32,
  products: usize,
  out: usize,
): usize {
  const fixed = task.fixed;
  const columns = task.columns;
  const ratings = task.ratings;
  const rowBytes = task.stride << 2;
  const weights = changetype<usize>(bench);
  while (end - at >= 8 && load<u32>(elementAt(columns, at + 7)) < limit) {
    const list = elementAt(columns, at);
    const dots = elementAt(products, at);
    dotEight(fixed, rowBytes, list, vector, dots);
    weigh(task, elementAt(ratings, at), dots, bias, weights);
    weigh(task, elementAt(ratings, at + 4), dots + 16, bias, weights + 16);
    addEight(fixed, rowBytes, list, weights, out);
    at += 8;
  }
  if (end - at >= 8 || at == end || load<u32>(elementAt(columns, end - 1)) >= limit) return at;
  if (end - at >= 4) {
    const list = elementAt(columns, at);
    const dots = elementAt(products, at);
    dotFour(fixed, rowBytes, list, vector, dots);
    weigh(task, elementAt(ratings, at), dots, bias, weights);
    addFour(fixed, rowBytes, list, weights, out);
    at += 4;
  }
  if (at < end) {
    dotLast(task, bench, columns, at, end, vector, products);
    const copies = changetype<usize>(bench) + offsetof<Bench>('ratings');
    for (let i: usize = 0; i < 4; i++) {
      store<u32>(elementAt(copies, i), load<u32>(elementAt(ratings, min(at + i, end - 1))));
    }
    weigh(task, copies, changetype<usize>(bench) + offsetof<Bench>('products'), bias, weights);
    for (let i = end - at; i < 4; i++) store<f32>(elementAt(weights, i), 0);
    addFour(fixed, rowBytes, changetype<usize>(bench) + offsetof<Bench>('columns'), weights, out);
  }
  return end;
}

/** The one to three entries from `at` to `end`; leaves their columns and products on the bench. */
function dotLast(
  task: Task,
  bench: Bench,
  columns: usize,
  at: usize,
  end: usize,
  vector: usize,
  products: usize,
): void {
  const list = changetype<usize>(bench) + offsetof<Bench>('columns');
  const dots = changetype<usize>(bench) + offsetof<Bench>('products');
  for (let i: usize = 0; i < 4; i++) {
    store<u32>(elementAt(list, i), load<u32>(elementAt(columns, min(at + i, end - 1))));
  }
  dotFour(task.fixed, task.stride << 2, list, vector, dots);
  for (let i: usize = 0; i < end - at; i++) {
    store<u32>(elementAt(products, at + i), load<u32>(elementAt(dots, i)));
  }
}

/** out = (c − u)·product − bias·c·t for four entries. */
// @ts-ignore: decorator
@inline
function weigh(task: Task, ratings: usize, products: usize, bias: f32, out: usize): void {
  const r = v128.load(ratings);
  const c = confidences(task, r);
  const pull = f32x4.mul(f32x4.mul(f32x4.splat(bias), c), targets(task, r));
  const extra = f32x4.sub(c, f32x4.splat(task.unobservedWeight));
  v128.store(out, f32x4.sub(f32x4.mul(extra, v128.load(products)), pull));
}

/** Σ (c − u)·product² over `count` entries: what they add to vectorᵀ·A·vector. */
export function curvatureOfRow(task: Task, ratings: usize, products: usize, count: usize): f64 {
  const unobserved = f32x4.splat(task.unobservedWeight);
  let total: f64 = 0;
  let at: usize = 0;
  while (at + 4 <= count) {
    let sum = f32x4.splat(0);
    // At most 256 entries in f32, then f64.
    for (const stop = min(count & ~3, at + 256); at < stop; at += 4) {
      const extra = f32x4.sub(confidences(task, v128.load(elementAt(ratings, at))), unobserved);
      const product = v128.load(elementAt(products, at));
      sum = multiplyAdd(f32x4.mul(extra, product), product, sum);
    }
    total += sumOfLanes(sum);
  }
  for (; at < count; at++) {
    const product = load<f32>(elementAt(products, at));
    const extra = <f32>1 + task.alpha * load<f32>(elementAt(ratings, at)) - task.unobservedWeight;
    total += extra * product * product;
  }
  return total;
}
