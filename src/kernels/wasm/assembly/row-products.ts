import { confidences, extras, targets } from './confidence';
import { multiplyAdd, sumOfLanes } from './lanes';
import {
  addRun,
  RunScratch,
  entriesOfRun,
  lastOf,
  multiplyRun,
  productsOf,
  runEntries,
  weightsOf,
} from './run';
import { elementAt, Task } from './task';

/*
 * Products of one row with its neighbours. Every dot product has its own chain of additions and
 * every sum takes neighbours one after the other, so it does not matter how a row is cut into
 * pieces: the bits are the same.
 */

/**
 * products[e] = y·vector for the entries e from `at` to `end`, exclusive.
 *
 * @param columns u32, the array that entries index
 * @param products f32, indexed by entry
 */
export function dotEntries(
  task: Task,
  runScratch: RunScratch,
  columns: usize,
  at: usize,
  end: usize,
  vector: usize,
  products: usize,
): void {
  dotSubspace(task, runScratch, columns, at, end, 0, task.stride << 2, vector, products);
}

/**
 * As `dotEntries`, over some dimensions only: those that lie from byte `shift` of a row on.
 *
 * @param vector the `bytes` that belong to these dimensions
 */
export function dotSubspace(
  task: Task,
  runScratch: RunScratch,
  columns: usize,
  at: usize,
  end: usize,
  shift: usize,
  bytes: usize,
  vector: usize,
  products: usize,
): void {
  while (at < end) {
    const count = min(end - at, runEntries);
    multiplyRun(task, runScratch, elementAt(columns, at), count, shift, bytes, vector);
    copyWords(productsOf(runScratch), elementAt(products, at), count);
    at += count;
  }
}

/**
 * As `dotEntries`, and out += Σ (e·product − bias·c·t)·y over the same entries. With bias 0 `out`
 * gains the observed part of A·vector, with bias 1 that part less b.
 *
 * @param out one row
 */
export function pullEntries(
  task: Task,
  runScratch: RunScratch,
  at: usize,
  end: usize,
  vector: usize,
  bias: f32,
  products: usize,
  out: usize,
): void {
  const most = entriesOfRun(task);
  while (at < end) {
    const count = min(end - at, most);
    multiplyRun(task, runScratch, elementAt(task.columns, at), count, 0, task.stride << 2, vector);
    copyWords(productsOf(runScratch), elementAt(products, at), count);
    weighRun(task, runScratch, elementAt(task.ratings, at), count, bias);
    addRun(task, runScratch, count, out);
    at += count;
  }
}

/** The run's weights: e·product − bias·c·t, and 0 up to the next multiple of four. */
function weighRun(task: Task, runScratch: RunScratch, ratings: usize, count: usize, bias: f32): void {
  let products = productsOf(runScratch);
  let weights = weightsOf(runScratch);
  for (const whole = elementAt(weights, count & ~3); weights < whole; weights += 16) {
    v128.store(weights, weigh(task, v128.load(ratings), v128.load(products), bias));
    ratings += 16;
    products += 16;
  }
  const left = count & 3;
  if (left == 0) return;
  v128.store(weights, weigh(task, lastOf(runScratch, ratings, left), v128.load(products), bias));
  for (let i = left; i < 4; i++) store<f32>(elementAt(weights, i), 0);
}

/** e·product − bias·c·t of four entries. */
// @ts-ignore: decorator
@inline
function weigh(task: Task, ratings: v128, products: v128, bias: f32): v128 {
  const c = confidences(task, ratings);
  const pulled = f32x4.mul(extras(task, c), products);
  if (bias == 0) return pulled;
  return f32x4.sub(pulled, f32x4.mul(f32x4.mul(f32x4.splat(bias), c), targets(task, ratings)));
}

/** Copies a few words; a call of memory.copy would take longer. */
// @ts-ignore: decorator
@inline
function copyWords(from: usize, to: usize, count: usize): void {
  const end = elementAt(to, count);
  for (; to + 16 <= end; to += 16) {
    v128.store(to, v128.load(from));
    from += 16;
  }
  for (; to < end; to += 4) {
    store<u32>(to, load<u32>(from));
    from += 4;
  }
}

/** Σ e·product² over `count` entries: what they add to vectorᵀ·A·vector. */
export function curvatureOfRow(task: Task, ratings: usize, products: usize, count: usize): f64 {
  let total: f64 = 0;
  let at: usize = 0;
  while (at + 4 <= count) {
    let sum = f32x4.splat(0);
    // At most 256 entries in f32, then f64.
    for (const stop = min(count & ~3, at + 256); at < stop; at += 4) {
      const extra = extras(task, confidences(task, v128.load(elementAt(ratings, at))));
      const product = v128.load(elementAt(products, at));
      sum = multiplyAdd(f32x4.mul(extra, product), product, sum);
    }
    total += sumOfLanes(sum);
  }
  for (; at < count; at++) {
    const product = load<f32>(elementAt(products, at));
    const extra = <f32>1 + task.alpha * load<f32>(elementAt(ratings, at)) - task.observedShare;
    total += extra * product * product;
  }
  return total;
}
