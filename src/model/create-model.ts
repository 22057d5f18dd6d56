import type { Ratings } from '../ratings/ratings.js';
import { FactorModel } from './factor-model.js';
import { type ModelSettings, modelSettings } from './model-settings.js';
import { seenRatings } from './seen-ratings.js';
import { unpadRows } from './unpad-rows.js';

/** Factors as training holds them: inside rows, padded. */
export interface TrainedFactors {
  readonly rank: number;
  /** Elements from one row to the next, ≥ rank. */
  readonly stride: number;
  /** Row-major, users × stride, in the order of inside rows. */
  readonly userFactors: Float32Array | Float64Array;
  /** Row-major, items × stride, in the order of inside rows. */
  readonly itemFactors: Float32Array | Float64Array;
  /** The ratings that were trained on; kept, and read when what users rated is first needed. */
  readonly ratings: Ratings;
  /** Training options; more fields than `ModelSettings` has are left out. */
  readonly settings: ModelSettings;
}

/** A model of its own: copies the factors, so training may go on and overwrite them. */
export function createModel(trained: TrainedFactors): FactorModel {
  const { rank, stride, ratings } = trained;
  return new FactorModel({
    rank,
    userFactors: unpadRows(trained.userFactors, ratings.users.positions, rank, stride),
    itemFactors: unpadRows(trained.itemFactors, ratings.items.positions, rank, stride),
    users: ratings.users.ids,
    items: ratings.items.ids,
    seen: () => seenRatings(ratings),
    settings: modelSettings(trained.settings),
  });
}
