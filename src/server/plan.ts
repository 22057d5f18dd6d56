import type { ListRequest, Recommendation } from '../model/recommender.js';
import type { Generation } from './generation.js';

/** Work on one generation: what it asks the model for, and what it makes of the answer. */
export interface Plan<Result> {
  /** The list that it needs; undefined if it needs none, and gets an empty one. */
  readonly request: ListRequest | undefined;
  readonly finish: (list: readonly Recommendation[]) => Result;
}

/** Something made from one generation, and which one that was. */
export interface Made<Result> {
  readonly generation: number;
  readonly result: Result;
}

/** A plan that has its result already. */
export function ready<Result>(result: Result): Plan<Result> {
  return { request: undefined, finish: () => result };
}

/** What a plan comes to, alone and at once. */
export function carryOut<Result>({ model }: Generation, { request, finish }: Plan<Result>): Result {
  return finish(request === undefined ? [] : model.recommend(request.user, request.options));
}
