import type { DescribedRatings } from '../ratings/described-ratings.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { Ratings } from '../ratings/ratings.js';
import { biasCoordinate } from '../training/biased-rows.js';
import { FactorModel } from './factor-model.js';
import { type ModelSettings, modelSettings } from './model-settings.js';
import { seenRatings, storedSeen } from './seen-ratings.js';
import { type PaddedRows, unpadColumn, unpadRows } from './unpad-rows.js';

/**
 * Factors as training holds them: inside rows, padded; with biases in the coordinates that
 * training/biased-rows.ts draws.
 */
export interface TrainedFactors {
  /** Latent dimensions; the coordinates of biases are not among them. */
  readonly rank: number;
  /** Elements from one row to the next, ≥ rank, with biases ≥ rank + 2. */
  readonly stride: number;
  /** Whether rows have the coordinates of biases. Default false. */
  readonly biases?: boolean;
  /** μ, which the targets were lowered by. Default 0. */
  readonly globalMean?: number;
  /** Row-major, users × stride, in the order of inside rows. */
  readonly userFactors: PaddedRows;
  /** Row-major, items × stride, in the order of inside rows. */
  readonly itemFactors: PaddedRows;
  /** The ratings that were trained on; kept, and read when what users rated is first needed. */
  readonly ratings: Ratings | DescribedRatings;
  /** Training options; more fields than `ModelSettings` has are left out. */
  readonly settings: ModelSettings;
  /** Of items by id; default none. */
  readonly titles?: ReadonlyMap<Id, string> | undefined;
}

/** A model that copies the factors, so training may continue and overwrite them. */
export function createModel(trained: TrainedFactors): FactorModel {
  const { rank, stride, biases = false, globalMean = 0, ratings } = trained;
  const { userFactors, itemFactors } = trained;
  const users = ratings.users.positions;
  const items = ratings.items.positions;
  return new FactorModel({
    rank,
    userFactors: unpadRows(userFactors, users, rank, stride),
    itemFactors: unpadRows(itemFactors, items, rank, stride),
    ...(biases && {
      userBiases: unpadColumn(userFactors, users, biasCoordinate('user', rank), stride),
      itemBiases: unpadColumn(itemFactors, items, biasCoordinate('item', rank), stride),
    }),
    globalMean,
    users: ratings.users.ids,
    items: ratings.items.ids,
    seen: () => seenRatings(ratings),
    storedSeen: () => storedSeen(ratings),
    settings: modelSettings(trained.settings),
    titles: trained.titles,
  });
}
