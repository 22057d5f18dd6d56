import { factorise, isHeld } from './factorisation';
import { elementAt, Task } from './task';
import {
  addScaledWide,
  factoriseWide,
  formWide,
  neighbourOf,
  roundingsOf,
  slopeOf,
  substituteWide,
  wideBytes,
} from './wide-system';

/** Share of the largest element of b that the slope of a solved row may still have. */
const restingSlope: f64 = 1e-8;

/** A system where rounding leaves steeper slopes rests here; its row is the best that was found. */
const maxSweeps: i32 = 1000;

/** Sweeps that find out which coordinates are 0, before the others are solved for. */
const sweepsBetween: i32 = 16;

/** Bytes of scratch memory that `solveNonnegative` uses. */
export function nonnegativeBytes(stride: usize): usize {
  return 2 * wideBytes(stride) + (stride << 3);
}

/**
 * Moves `before`, or 0 where that is better, to the minimum of xᵀ·A·x/2 − bᵀ·x over x ≥ 0 by coordinate
 * descent, as `solveNonnegative` in reference-solvers.ts, which cites its source. Descent is slow
 * where coordinates are alike, so now and then the system of those above 0 is solved exactly. In f64,
 * so that the rounding of thousands of small steps stays below that of the system itself.
 *
 *     room   whole   stride × stride f64   A, both triangles
 *            slope   stride f64            A·x − b
 *            point   stride f64            x
 *            part    see wide-system.ts    the coordinates above 0
 *            start   stride f64            −b
 *
 * @param system upper triangle of A, f32; overwritten
 * @param x holds b; receives the solution
 */
export function solveNonnegative(
  task: Task,
  row: usize,
  system: usize,
  x: usize,
  before: usize,
  room: usize,
): void {
  const stride = task.stride;
  const rank = task.rank;
  const whole = room;
  const slope = slopeOf(room, stride);
  const point = neighbourOf(room, stride);
  const part = room + wideBytes(stride);
  const start = part + wideBytes(stride);
  widen(system, stride, whole, x, slope);
  if (!isHeld(x, stride << 2) || !factorise(system, rank, stride)) {
    memory.fill(x, 0, stride << 2);
    formWide(task, row, x, 0, stride, room);
    mirror(whole, stride);
  }
  memory.copy(start, slope, stride << 3);
  memory.fill(point, 0, stride << 3);
  let rest: f64 = 0;
  for (let i: usize = 0; i < stride; i++) rest = max(rest, abs(load<f64>(start + (i << 3))));
  rest *= restingSlope;
  for (let i: usize = 0; i < rank; i++) {
    move(whole, slope, point, stride, i, load<f32>(elementAt(before, i)));
  }
  if (!(excess(slope, point, start, rank) <= 0)) {
    memory.copy(slope, start, stride << 3);
    memory.fill(point, 0, stride << 3);
  }
  for (let sweep = 1; sweep <= maxSweeps && steepest(slope, point, rank) > rest; sweep++) {
    for (let i: usize = 0; i < rank; i++) {
      const diagonal = load<f64>(whole + ((i * stride + i) << 3));
      if (!(diagonal > 0)) continue;
      const at = load<f64>(point + (i << 3));
      const next = max<f64>(0, at - load<f64>(slope + (i << 3)) / diagonal);
      if (next != at) move(whole, slope, point, stride, i, next - at);
    }
    if (sweep % sweepsBetween == 0) solvePositive(whole, slope, point, part, start, rank, stride);
  }
  for (let i: usize = 0; i < stride; i++) {
    store<f32>(elementAt(x, i), <f32>load<f64>(point + (i << 3)));
  }
}

/** Twice what x has more than 0 of what is minimised: x·(A·x − b − b). */
function excess(slope: usize, point: usize, start: usize, rank: usize): f64 {
  let sum: f64 = 0;
  for (let at: usize = 0; at < rank << 3; at += 8) {
    sum += load<f64>(point + at) * (load<f64>(slope + at) + load<f64>(start + at));
  }
  return sum;
}

/** The largest violation of the conditions of Karush, Kuhn and Tucker. */
function steepest(slope: usize, point: usize, rank: usize): f64 {
  let most: f64 = 0;
  for (let i: usize = 0; i < rank; i++) {
    const s = load<f64>(slope + (i << 3));
    most = max(most, load<f64>(point + (i << 3)) > 0 ? abs(s) : -s);
  }
  return most;
}

/** x_i += step, and the slope with it. */
function move(whole: usize, slope: usize, point: usize, stride: usize, i: usize, step: f64): void {
  store<f64>(point + (i << 3), load<f64>(point + (i << 3)) + step);
  addScaledWide(step, whole + ((i * stride) << 3), slope, stride << 3);
}

/**
 * Moves the coordinates above 0 to where their slope is 0. A coordinate that comes to 0 on the way
 * stays there, and the others go on: the inner loop of Lawson and Hanson 1974, "Solving Least Squares Problems",
 * chapter 23. No step leads uphill.
 */
function solvePositive(
  whole: usize,
  slope: usize,
  point: usize,
  part: usize,
  start: usize,
  rank: usize,
  stride: usize,
): void {
  const step = slopeOf(part, stride);
  for (let round: usize = 0; round < rank; round++) {
    memory.copy(part, whole, (stride * stride) << 3);
    memory.copy(step, slope, stride << 3);
    for (let i: usize = 0; i < rank; i++) {
      if (load<f64>(point + (i << 3)) > 0) continue;
      for (let j: usize = 0; j < stride; j++) {
        store<f64>(part + ((min(i, j) * stride + max(i, j)) << 3), i == j ? 1 : 0);
      }
      store<f64>(step + (i << 3), 0);
    }
    // As if λ were there: a coordinate that f64 cannot tell from the others stays where it is.
    roundingsOf(part, rank, stride);
    if (!factoriseWide(part, stride, 1)) return;
    substituteWide(part, stride, step, Infinity);
    let share: f64 = 1;
    for (let at: usize = 0; at < rank << 3; at += 8) {
      const x = load<f64>(point + at);
      const down = load<f64>(step + at);
      if (down > x && x > 0) share = min(share, x / down);
    }
    memory.copy(slope, start, stride << 3);
    for (let i: usize = 0; i < rank; i++) {
      const at = i << 3;
      const x = load<f64>(point + at);
      const down = load<f64>(step + at);
      const next = x > 0 && !(down * share >= x) ? x - down * share : 0;
      store<f64>(point + at, next);
      if (next > 0) addScaledWide(next, whole + ((i * stride) << 3), slope, stride << 3);
    }
    if (share == 1) return;
  }
}

/** A and −b in f64. */
function widen(system: usize, stride: usize, whole: usize, b: usize, slope: usize): void {
  for (let i: usize = 0; i < stride; i++) {
    for (let j = i; j < stride; j++) {
      const element: f64 = load<f32>(elementAt(system, i * stride + j));
      store<f64>(whole + ((i * stride + j) << 3), element);
      store<f64>(whole + ((j * stride + i) << 3), element);
    }
    store<f64>(slope + (i << 3), -<f64>load<f32>(elementAt(b, i)));
  }
}

/** The lower triangle is the upper one. */
function mirror(whole: usize, stride: usize): void {
  for (let i: usize = 0; i < stride; i++) {
    for (let j: usize = 0; j < i; j++) {
      store<f64>(whole + ((i * stride + j) << 3), load<f64>(whole + ((j * stride + i) << 3)));
    }
  }
}
