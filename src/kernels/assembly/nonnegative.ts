import { elementAt, Task } from './task';

/** Share of the largest element of b that the slope of a solved row may still have. */
const restingSlope: f64 = 1e-8;

/** An ill-conditioned system rests here; its row is the best that the sweeps have found. */
const maxSweeps: i32 = 1000;

/** Bytes of scratch memory that `solveNonnegative` uses. */
export function nonnegativeBytes(stride: usize): usize {
  return (stride * stride + 2 * stride) << 3;
}

/**
 * Moves `before` to the minimum of xᵀ·A·x/2 − bᵀ·x over x ≥ 0 by coordinate descent, as
 * `solveNonnegative` in reference-solvers.ts, which cites its source. In f64, so that the rounding of
 * thousands of small steps stays below that of the system itself.
 *
 *     room   whole   stride × stride f64   A, both triangles
 *            slope   stride f64            A·x − b
 *            point   stride f64            x
 *
 * @param system upper triangle of A, f32
 * @param x holds b; receives the solution
 */
export function solveNonnegative(
  task: Task,
  system: usize,
  x: usize,
  before: usize,
  room: usize,
): void {
  const stride = task.stride;
  const rank = task.rank;
  const whole = room;
  const slope = whole + ((stride * stride) << 3);
  const point = slope + (stride << 3);
  widen(system, stride, whole);
  let rest: f64 = 0;
  for (let i: usize = 0; i < stride; i++) {
    const b: f64 = load<f32>(elementAt(x, i));
    rest = max(rest, abs(b));
    store<f64>(slope + (i << 3), -b);
    store<f64>(point + (i << 3), 0);
  }
  rest *= restingSlope;
  for (let i: usize = 0; i < rank; i++) {
    move(whole, slope, point, stride, i, load<f32>(elementAt(before, i)));
  }
  for (let sweep = 0; sweep < maxSweeps && steepest(slope, point, rank) > rest; sweep++) {
    for (let i: usize = 0; i < rank; i++) {
      const diagonal = load<f64>(whole + ((i * stride + i) << 3));
      if (!(diagonal > 0)) continue;
      const at = load<f64>(point + (i << 3));
      const next = max<f64>(0, at - load<f64>(slope + (i << 3)) / diagonal);
      if (next != at) move(whole, slope, point, stride, i, next - at);
    }
  }
  for (let i: usize = 0; i < stride; i++) {
    store<f32>(elementAt(x, i), <f32>load<f64>(point + (i << 3)));
  }
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
  const factor = f64x2.splat(step);
  const row = whole + ((i * stride) << 3);
  for (let at: usize = 0; at < stride << 3; at += 16) {
    const moved = f64x2.mul(factor, v128.load(row + at));
    v128.store(slope + at, f64x2.add(v128.load(slope + at), moved));
  }
}

/** Both triangles in f64. */
function widen(system: usize, stride: usize, whole: usize): void {
  for (let i: usize = 0; i < stride; i++) {
    for (let j = i; j < stride; j++) {
      const element: f64 = load<f32>(elementAt(system, i * stride + j));
      store<f64>(whole + ((i * stride + j) << 3), element);
      store<f64>(whole + ((j * stride + i) << 3), element);
    }
  }
}
