import { confidences, extras, targets } from './confidence';
import { multiplyAdd, sumOfLanes } from './lanes';
import { addFour, dotEight, dotFour } from './neighbours';
import { elementAt, Task } from './task';

/*
 * Products of one row with its neighbours. Every dot product has its own chain of additions and
 * every sum takes neighbours one after the other, so it does not matter how a row is cut into
 * pieces: the bits are the same.
 */

/** Most entries between the dot products of a run and the sum that reads its neighbours again. */
const runEntries: usize = 64;

/** A run's neighbours should stay in the first-level cache. */
const runBytes: usize = 16384;

/** Where a run keeps its weights, and its last one to three entries filled up to four. */
@unmanaged
export class Bench {
  columns: v128;
  ratings: v128;
  products: v128;
  // Then `runEntries` weights.
}

export const benchBytes: usize = 64 + (runEntries << 2);

// @ts-ignore: decorator
@inline
function lastColumns(bench: Bench): usize {
  return changetype<usize>(bench) + offsetof<Bench>('columns');
}

// @ts-ignore: decorator
@inline
function lastRatings(bench: Bench): usize {
  return changetype<usize>(bench) + offsetof<Bench>('ratings');
}

// @ts-ignore: decorator
@inline
function lastProducts(bench: Bench): usize {
  return changetype<usize>(bench) + offsetof<Bench>('products');
}

// @ts-ignore: decorator
@inline
function runWeights(bench: Bench): usize {
  return changetype<usize>(bench) + 64;
}

/**
 * products[e] = y·vector for the entries e from `at` to `end`, exclusive.
 *
 * @param columns u32, the array that entries index
 * @param products f32, indexed by entry
 */
export function dotEntries(
  task: Task,
  bench: Bench,
  columns: usize,
  at: usize,
  end: usize,
  vector: usize,
  products: usize,
): void {
  dotSubspace(task, bench, columns, at, end, 0, task.stride << 2, vector, products);
}

/**
 * As `dotEntries`, over some dimensions only: those that lie from byte `shift` of a row on.
 *
 * @param vector the `bytes` that belong to these dimensions
 */
export function dotSubspace(
  task: Task,
  bench: Bench,
  columns: usize,
  at: usize,
  end: usize,
  shift: usize,
  bytes: usize,
  vector: usize,
  products: usize,
): void {
  const fixed = task.fixed + shift;
  const rowBytes = task.stride << 2;
  for (; end - at >= 8; at += 8) {
    dotEight(fixed, rowBytes, elementAt(columns, at), vector, bytes, elementAt(products, at));
  }
  if (end - at >= 4) {
    dotFour(fixed, rowBytes, elementAt(columns, at), vector, bytes, elementAt(products, at));
    at += 4;
  }
  if (at == end) return;
  fillUp(elementAt(columns, at), end - at, lastColumns(bench));
  dotFour(fixed, rowBytes, lastColumns(bench), vector, bytes, lastProducts(bench));
  memory.copy(elementAt(products, at), lastProducts(bench), (end - at) << 2);
}

/**
 * As `dotEntries`, and out += Σ (e·product − bias·c·t)·y over the same entries. With bias 0 `out` gains the observed part of A·vector, with
 * bias 1 that part less b.
 *
 * @param out one row
 */
export function pullEntries(
  task: Task,
  bench: Bench,
  at: usize,
  end: usize,
  vector: usize,
  bias: f32,
  products: usize,
  out: usize,
): void {
  const columns = task.columns;
  const run = max(8, min(runEntries, runBytes / (task.stride << 2)) & ~7);
  while (at < end) {
    const stop = min(end, at + run);
    dotEntries(task, bench, columns, at, stop, vector, products);
    weighEntries(task, bench, at, stop, bias, products);
    addEntries(task, bench, at, stop, out);
    at = stop;
  }
}

/** The run's weights: e·product − bias·c·t, and 0 up to the next multiple of four. */
function weighEntries(
  task: Task,
  bench: Bench,
  at: usize,
  end: usize,
  bias: f32,
  products: usize,
): void {
  let to = runWeights(bench);
  for (; end - at >= 4; at += 4) {
    v128.store(to, weigh(task, elementAt(task.ratings, at), elementAt(products, at), bias));
    to += 16;
  }
  if (at == end) return;
  fillUp(elementAt(task.ratings, at), end - at, lastRatings(bench));
  v128.store(to, weigh(task, lastRatings(bench), lastProducts(bench), bias));
  for (let i = end - at; i < 4; i++) store<f32>(elementAt(to, i), 0);
}

/** e·product − bias·c·t of four entries. */
// @ts-ignore: decorator
@inline
function weigh(task: Task, ratings: usize, products: usize, bias: f32): v128 {
  const r = v128.load(ratings);
  const c = confidences(task, r);
  const pull = f32x4.mul(f32x4.mul(f32x4.splat(bias), c), targets(task, r));
  return f32x4.sub(f32x4.mul(extras(task, c), v128.load(products)), pull);
}

/** out += Σ weight·y over the run. */
function addEntries(task: Task, bench: Bench, at: usize, end: usize, out: usize): void {
  const fixed = task.fixed;
  const rowBytes = task.stride << 2;
  let weights = runWeights(bench);
  for (; end - at >= 4; at += 4) {
    addFour(fixed, rowBytes, elementAt(task.columns, at), weights, out);
    weights += 16;
  }
  if (at < end) addFour(fixed, rowBytes, lastColumns(bench), weights, out);
}

/** Copies one to three elements and repeats the last one up to four. */
function fillUp(from: usize, count: usize, to: usize): void {
  for (let i: usize = 0; i < 4; i++) {
    store<u32>(elementAt(to, i), load<u32>(elementAt(from, min(i, count - 1))));
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
