import { elementAt, indexAt, Task } from './task';

/*
 * The system of one row in f64, for rows whose system f32 cannot tell from a singular one: see
 * `factorise`. Some ten times slower, and rare.
 *
 *     room   system      width × width f64   A, upper triangle, then U, whose diagonal holds reciprocals
 *            slope       width f64           A·x − b, then the step
 *            neighbour   width f64           y; then what of each pivot is rounding error
 */

/** Rounding of sums in f64; products of two factors are exact there. */
const roundingShare: f64 = 2.220446049250313e-16;

/** The Gram matrix is one of f32 sums: rounding in it, as a share of its diagonal, times rank. */
const gramShare: f64 = 4e-8;

/**
 * A coordinate that drowns in rounding of the Gram matrix may have this share of the row's loss to itself,
 * about, and is left out. With more the row is refused.
 */
const lostShare: f64 = 1e-3;

/** Bytes of scratch memory for systems of `width` dimensions. */
export function wideBytes(width: usize): usize {
  return (width * width + 2 * width) << 3;
}

// @ts-ignore: decorator
@inline
export function slopeOf(room: usize, width: usize): usize {
  return room + ((width * width) << 3);
}

// @ts-ignore: decorator
@inline
export function neighbourOf(room: usize, width: usize): usize {
  return slopeOf(room, width) + (width << 3);
}

/**
 * The upper triangle of A in the dimensions from `first` on, and A·x − b there. What is pinned has no
 * slope, and nothing but a diagonal element.
 *
 * @returns Σ c·(t² + (t − y·x)²): the row's loss without factors, and that of x
 * @param x the row, all `stride` dimensions
 * @param width how many dimensions, with their padding
 */
export function formWide(
  task: Task,
  row: usize,
  x: usize,
  first: usize,
  width: usize,
  room: usize,
): f64 {
  const rowBytes = task.stride << 2;
  const slope = slopeOf(room, width);
  const neighbour = neighbourOf(room, width);
  startWide(task, row, x, first, width, room);
  const implicit = task.implicit != 0;
  let loss: f64 = 0;
  const end = indexAt(task.offsets, row + 1);
  for (let at = indexAt(task.offsets, row); at < end; at++) {
    const y = task.fixed + indexAt(task.columns, at) * rowBytes;
    const rating: f64 = load<f32>(elementAt(task.ratings, at));
    const confidence = 1 + <f64>task.alpha * rating;
    const extra = confidence - <f64>task.observedShare;
    const target = implicit ? (rating > 0 ? 1.0 : 0.0) : rating - <f64>task.offset;
    const product = dotWide(y, x, task.stride);
    const pull = extra * product - confidence * target;
    loss += confidence * (target * target + (target - product) * (target - product));
    for (let i: usize = 0; i < width; i++) {
      store<f64>(neighbour + (i << 3), <f64>load<f32>(elementAt(y, first + i)));
    }
    addScaledWide(pull, neighbour, slope, width << 3);
    for (let i: usize = 0; i < width; i++) {
      const shift = (i & ~1) << 3;
      const left = neighbour + (i << 3);
      const into = room + ((i * width) << 3) + shift;
      addScaledWide(extra * load<f64>(left), neighbour + shift, into, (width << 3) - shift);
    }
  }
  const pinned = <usize>task.pinned - first;
  if (task.pinned >= 0 && pinned < width) pinWide(room, width, pinned);
  return loss;
}

/** system = u·gram + λI, slope = (u·gram + λI)·x; 1 on the diagonal where padding is. */
function startWide(
  task: Task,
  row: usize,
  x: usize,
  first: usize,
  width: usize,
  room: usize,
): void {
  const weight: f64 = task.unobservedWeight;
  const lambda: f64 = load<f32>(elementAt(task.regularizers, row));
  for (let i: usize = 0; i < width; i++) {
    const gram = elementAt(task.gram, (first + i) * task.stride);
    const to = room + ((i * width) << 3);
    let slope = lambda * load<f32>(elementAt(x, first + i));
    if (weight == 0) memory.fill(to, 0, width << 3);
    else {
      for (let j: usize = 0; j < width; j++) {
        store<f64>(to + (j << 3), weight * load<f32>(elementAt(gram, first + j)));
      }
      slope += weight * dotWide(gram, x, task.stride);
    }
    const diagonal = to + (i << 3);
    store<f64>(diagonal, first + i < task.rank ? load<f64>(diagonal) + lambda : 1);
    store<f64>(slopeOf(room, width) + (i << 3), slope);
  }
}

/** Takes a coordinate out of a system. */
function pinWide(room: usize, width: usize, pinned: usize): void {
  for (let i: usize = 0; i < width; i++) {
    store<f64>(room + ((min(i, pinned) * width + max(i, pinned)) << 3), i == pinned ? 1 : 0);
  }
  store<f64>(slopeOf(room, width) + (pinned << 3), 0);
}

/** What of each pivot is rounding error, by the diagonal of A and that of the Gram matrix. */
function findRoundings(task: Task, first: usize, width: usize, room: usize): void {
  const rank = task.rank;
  const weight = gramShare * <f64>max<usize>(rank, 25) * task.unobservedWeight;
  roundingsOf(room, rank, width);
  if (weight == 0) return;
  for (let i: usize = 0; i < min(width, rank - first); i++) {
    const gram = elementAt(task.gram, (first + i) * (task.stride + 1));
    const at = neighbourOf(room, width) + (i << 3);
    store<f64>(at, max(load<f64>(at), weight * load<f32>(gram)));
  }
}

/** What of each pivot is rounding error, by the diagonal of A. */
export function roundingsOf(room: usize, rank: usize, width: usize): void {
  const roundings = neighbourOf(room, width);
  for (let i: usize = 0; i < width; i++) {
    const own = load<f64>(room + ((i * (width + 1)) << 3));
    store<f64>(roundings + (i << 3), roundingShare * <f64>rank * own);
  }
}

/**
 * A = UᵀU in place. With λ > 0 every true pivot is at least λ. One that is rounding error belongs to a
 * direction that depends on the others; its coordinate of the solution is set to 0.
 *
 * @param room with `neighbour` as `roundingsOf` leaves it
 * @returns false if a pivot is rounding error and λ is 0, or if it is not a number
 */
export function factoriseWide(room: usize, width: usize, lambda: f32): bool {
  const rowBytes = width << 3;
  // Without λ to stop it, a pivot of rounding error would be taken for one.
  const caution: f64 = lambda > 0 ? 1 : 32;
  for (let i: usize = 0; i < width; i++) {
    const u = room + i * rowBytes;
    const diagonal = u + (i << 3);
    const pivot = load<f64>(diagonal);
    const rounding = caution * load<f64>(neighbourOf(room, width) + (i << 3));
    if (!(pivot > rounding && pivot < f64.MAX_VALUE)) {
      if (!(lambda > 0 && pivot <= rounding)) return false;
      memory.fill(diagonal, 0, rowBytes - (i << 3));
      continue;
    }
    const reciprocal = 1 / sqrt(pivot);
    for (let at = diagonal; at < u + rowBytes; at += 8) {
      store<f64>(at, reciprocal * load<f64>(at));
    }
    for (let j = i + 1; j < width; j++) {
      const shift = (j & ~1) << 3;
      const factor = load<f64>(u + (j << 3));
      if (factor == 0) continue;
      addScaledWide(-factor, u + shift, room + j * rowBytes + shift, rowBytes - shift);
    }
    store<f64>(diagonal, reciprocal);
  }
  return true;
}

/**
 * z = U⁻¹·U⁻ᵀ·z.
 *
 * @param loss with more than a share of it, a coordinate that was set to 0 counts
 * @returns whether none did
 */
export function substituteWide(room: usize, width: usize, z: usize, loss: f64): bool {
  const rowBytes = width << 3;
  for (let i: usize = 0; i < width; i++) {
    const u = room + i * rowBytes;
    const at = z + (i << 3);
    const slope = load<f64>(at);
    const reciprocal = load<f64>(u + (i << 3));
    const element = slope * reciprocal;
    store<f64>(at, element);
    if (reciprocal == 0) {
      const rounding = load<f64>(neighbourOf(room, width) + (i << 3));
      if (slope * slope > lostShare * loss * rounding) return false;
      continue;
    }
    for (let j = i + 1; j < width; j++) {
      const to = z + (j << 3);
      store<f64>(to, load<f64>(to) - element * load<f64>(u + (j << 3)));
    }
  }
  for (let i = width; i-- > 0; ) {
    const u = room + i * rowBytes;
    const at = z + (i << 3);
    let sum = load<f64>(at);
    for (let j = i + 1; j < width; j++) {
      sum -= load<f64>(u + (j << 3)) * load<f64>(z + (j << 3));
    }
    store<f64>(at, sum * load<f64>(u + (i << 3)));
  }
  return true;
}

/** left·right of f32 vectors in f64; `count` is even. */
function dotWide(left: usize, right: usize, count: usize): f64 {
  let sum = f64x2.splat(0);
  for (let at: usize = 0; at < count << 2; at += 8) {
    const a = f64x2.promote_low_f32x4(v128.load64_zero(left + at));
    const b = f64x2.promote_low_f32x4(v128.load64_zero(right + at));
    sum = f64x2.add(sum, f64x2.mul(a, b));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** out += scale·vector in f64; `bytes` is a multiple of 16. */
export function addScaledWide(scale: f64, vector: usize, out: usize, bytes: usize): void {
  const factor = f64x2.splat(scale);
  for (let at: usize = 0; at < bytes; at += 16) {
    const scaled = f64x2.mul(factor, v128.load(vector + at));
    v128.store(out + at, f64x2.add(v128.load(out + at), scaled));
  }
}

/**
 * x − A⁻¹·(A·x − b) in the dimensions from `first` on, in f64: the exact solution there.
 *
 * @returns false if the system is singular, or what f32 keeps of the Gram matrix does not tell the row
 */
export function solveWide(
  task: Task,
  row: usize,
  x: usize,
  first: usize,
  width: usize,
  room: usize,
): bool {
  const loss = formWide(task, row, x, first, width, room);
  findRoundings(task, first, width, room);
  if (!factoriseWide(room, width, load<f32>(elementAt(task.regularizers, row)))) return false;
  const step = slopeOf(room, width);
  const bound = task.unobservedWeight > 0 ? loss : Infinity;
  if (!substituteWide(room, width, step, bound)) return false;
  for (let i: usize = 0; i < width; i++) {
    const at = elementAt(x, first + i);
    store<f32>(at, <f32>(<f64>load<f32>(at) - load<f64>(step + (i << 3))));
  }
  return true;
}
