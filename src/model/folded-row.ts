import type { Id } from '../ratings/id-vocabulary.js';
import type { DuplicatesPolicy } from '../ratings/ratings.js';

/** A rating of one user: a `RatingRow` whose user is clear. */
export interface ItemRating {
  readonly item: Id;
  /** Finite, with implicit feedback ≥ 0. Default 1. */
  readonly rating?: number | undefined;
}

/** A rating of one item: a `RatingRow` whose item is clear. */
export interface UserRating {
  readonly user: Id;
  /** Finite, with implicit feedback ≥ 0. Default 1. */
  readonly rating?: number | undefined;
}

/** How ratings that are folded in are read. */
export interface FoldInOptions {
  /**
   * What to do about items (of a user) or users (of an item) that the model does not know: throw
   * `UnknownIdError`, or leave their ratings out. Default `error`.
   */
  readonly unknown?: 'error' | 'ignore' | undefined;
  /** Default `last`, in input order. */
  readonly duplicates?: DuplicatesPolicy | undefined;
}

/** What is solved for, in float64. */
export interface SolvedRow {
  /** `rank` elements. */
  readonly factors: Float64Array;
  /** 0 in a model without biases. */
  readonly bias: number;
}

/** A folded-in user, stored nowhere. Methods that take a user id also take it. */
export interface FoldedUser extends SolvedRow {
  readonly side: 'user';
  /** What it was made from: duplicates merged, in the order of the model's items. */
  readonly ratings: readonly { readonly item: Id; readonly rating: number }[];
}

/** A folded-in item, stored nowhere. Methods that take an item id also take it. */
export interface FoldedItem extends SolvedRow {
  readonly side: 'item';
  /** What it was made from: duplicates merged, in the order of the model's users. */
  readonly ratings: readonly { readonly user: Id; readonly rating: number }[];
}
