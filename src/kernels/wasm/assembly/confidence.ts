import { multiplyAdd } from './lanes';
import { Task } from './task';

/** c = 1 + alpha·r in four lanes. */
// @ts-ignore: decorator
@inline
export function confidences(task: Task, ratings: v128): v128 {
  return multiplyAdd(f32x4.splat(task.alpha), ratings, f32x4.splat(1));
}

/** p = (r > 0 ? 1 : 0) in four lanes. */
// @ts-ignore: decorator
@inline
export function preferences(ratings: v128): v128 {
  return v128.and(f32x4.gt(ratings, f32x4.splat(0)), f32x4.splat(1));
}

/** e = c − observedShare in four lanes: what the entry adds to A, over what the Gram matrix has. */
// @ts-ignore: decorator
@inline
export function extras(task: Task, confidences: v128): v128 {
  return f32x4.sub(confidences, f32x4.splat(task.observedShare));
}

/** t: the preference if feedback is implicit, else the rating less the offset. */
// @ts-ignore: decorator
@inline
export function targets(task: Task, ratings: v128): v128 {
  return task.implicit ? preferences(ratings) : f32x4.sub(ratings, f32x4.splat(task.offset));
}
