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

/** t: the preference if feedback is implicit, else the rating. */
// @ts-ignore: decorator
@inline
export function targets(task: Task, ratings: v128): v128 {
  return task.implicit ? preferences(ratings) : ratings;
}
