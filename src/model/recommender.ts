import type { GpuOptions } from '../kernels/job-layout.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { FoldedUser } from './folded-row.js';

/** One item of a result list. */
export interface Recommendation {
  readonly itemId: Id;
  readonly score: number;
}

/** One user of a result list. */
export interface SimilarUser {
  readonly userId: Id;
  readonly score: number;
}

/** How long a list of similar rows is. */
export interface SimilarOptions {
  /** Length of the list, an integer ≥ 1; fewer if fewer rows are left. Default 10. */
  readonly count?: number | undefined;
}

/** Which items a result list may hold, and how many. */
export interface RecommendOptions {
  /** Length of the list, an integer ≥ 1; fewer if fewer items are left. Default 10. */
  readonly count?: number | undefined;
  /** Leaves out what the user rated in training. Default true. */
  readonly filterSeen?: boolean | undefined;
  /**
   * Only these items. Unknown ids are ignored: they cannot be recommended anyway, and a list of
   * items in stock may outlive a model. One that differs from a known id in its type only (`'12'`
   * where ids are numbers) is an error.
   */
  readonly allow?: Iterable<Id> | undefined;
  /** None of these items, even if allowed. Ids are read as in `allow`. */
  readonly deny?: Iterable<Id> | undefined;
}

/** A list that is asked for. */
export interface ListRequest {
  readonly user: Id | FoldedUser;
  readonly options: RecommendOptions;
}

/** Which users get a list, and what it may hold. */
export interface RecommendAllOptions extends RecommendOptions {
  /** Only these users, in this order. Default all, in the order of the model's `userIds`. */
  readonly users?: Iterable<Id> | undefined;
}

/** A GPU to make lists with. */
export interface GpuRankingOptions {
  /** Which GPUs are allowed, and how long they may take to answer. */
  readonly gpu?: GpuOptions | undefined;
  /** Called once if the GPU fails and the processor makes the lists that are left. */
  readonly onFault?: ((fault: RankingFault) => void) | undefined;
}

/** A fault while lists are made, and the reaction to it. */
export interface RankingFault {
  readonly message: string;
  readonly action: 'use-wasm';
}

/** The list of one of many users. */
export interface UserRecommendations {
  readonly userId: Id;
  /** Best first, ties by row; never padded. */
  readonly recommendations: Recommendation[];
}

/** Anything that recommends items to the users it was trained on. */
export interface Recommender {
  /**
   * Items for a user, best first, ties by row. Never padded: fewer candidates, fewer results.
   * Throws `UnknownIdError` for a user that training did not see.
   */
  recommend(userId: Id, options?: RecommendOptions): Recommendation[];
  /**
   * `recommend` for many users, faster than one by one where it is there.
   * Throws as `recommend` does, before the first list.
   */
  recommendAll?(options?: RecommendAllOptions): Iterable<UserRecommendations>;
  /**
   * For each user in turn the scores of all items, by item position. The next array overwrites the
   * one before. Throws as `recommend` does.
   */
  scoreAll?(users: Iterable<Id>): Iterable<Float32Array>;
}
