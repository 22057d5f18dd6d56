import type { DescribedRatings } from '../ratings/described-ratings.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { Ratings } from '../ratings/ratings.js';
import type { KeptModel } from '../training/snapshot.js';
import { FactorModel } from './factor-model.js';
import { type ModelSettings, modelSettings } from './model-settings.js';
import { seenRatings, storedSeen } from './seen-ratings.js';

/** What a checkpoint holds of a model that the run may end with. It shares the model's arrays. */
export function keepModel(name: string, iteration: number, model: FactorModel): KeptModel {
  const { rank, userFactors, itemFactors, userBiases, itemBiases } = model;
  return { name, iteration, rank, userFactors, itemFactors, userBiases, itemBiases };
}

/** The part of a model that its run provides. */
export interface KeptModelRun {
  readonly ratings: Ratings | DescribedRatings;
  readonly globalMean: number;
  /** More fields than `ModelSettings` has are left out. */
  readonly settings: ModelSettings;
  readonly titles: ReadonlyMap<Id, string> | undefined;
}

/**
 * The model that was kept, with ratings and options of the same run.
 * Throws `RangeError` if it has other sizes than the run.
 */
export function restoreKept(
  { rank, userFactors, itemFactors, userBiases, itemBiases }: KeptModel,
  { ratings, globalMean, settings, titles }: KeptModelRun,
): FactorModel {
  const users = ratings.users.ids;
  const items = ratings.items.ids;
  for (const [rows, factors, biases] of [
    [users.size, userFactors, userBiases],
    [items.size, itemFactors, itemBiases],
  ] as const) {
    const isWhole = biases === undefined ? !settings.biases : biases.length === rows;
    if (rank === settings.rank && factors.length === rows * rank && isWhole) continue;
    throw new RangeError(`found ${factors.length} factors of rank ${rank} for ${rows} rows`);
  }
  return new FactorModel({
    rank,
    userFactors,
    itemFactors,
    userBiases,
    itemBiases,
    globalMean,
    users,
    items,
    seen: () => seenRatings(ratings),
    storedSeen: () => storedSeen(ratings),
    settings: modelSettings(settings),
    titles,
  });
}
