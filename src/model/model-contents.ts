import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';
import type { Side } from '../ratings/ratings.js';
import type { ModelSettings } from './model-settings.js';
import type { IndexStore } from './ranking/index-store.js';
import type { SeenRatings, StoredSeen } from './seen-ratings.js';

/** What a model is made of. The model owns the arrays from then on. */
export interface ModelContents {
  readonly rank: number;
  /** Row-major, users.size × rank, in the order of positions. */
  readonly userFactors: Float32Array;
  /** Row-major, items.size × rank, in the order of positions. */
  readonly itemFactors: Float32Array;
  /** b_u by position and b_i by position: both, or neither in a model without biases. */
  readonly userBiases?: Float32Array | undefined;
  readonly itemBiases?: Float32Array | undefined;
  /** μ. Default 0. */
  readonly globalMean?: number | undefined;
  readonly users: IdVocabulary;
  readonly items: IdVocabulary;
  /** Called when the ratings are first needed; may be slow once. Undefined: they are not here. */
  readonly seen: (() => SeenRatings) | undefined;
  /** The same, to be read piece by piece; default `seen`. */
  readonly storedSeen?: (() => StoredSeen) | undefined;
  readonly settings: ModelSettings;
  /** Of items by id; default none. */
  readonly titles?: ReadonlyMap<Id, string> | undefined;
  /** Gram matrices of the factors, rank × rank, if they are known. */
  readonly grams?: Readonly<Record<Side, Float64Array>> | undefined;
  /** Where the indexes of the items are kept between two runs; default nowhere. */
  readonly indexes?: IndexStore | undefined;
}
