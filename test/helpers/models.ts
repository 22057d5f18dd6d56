import { FactorModel } from '../../src/model/factor-model.js';
import { modelSettings } from '../../src/model/model-settings.js';
import { type Id, listedIds } from '../../src/ratings/id-vocabulary.js';
import { defaultJobOptions } from '../../src/training/options.js';

/**
 * A model of rank 2 that can be scored in the head, by default with ids a, b, c and 10, 20, 30, 40:
 *
 *     user a  1 0   rated 10 with 5          item 10  4 0      20  3 1
 *     user b  0 1   rated 20 with 1, 30 with 2    30  3 2      40  0 0
 *     user c  0 0   rated nothing
 */
export function smallModel({
  userIds = ['a', 'b', 'c'],
  itemIds = [10, 20, 30, 40],
}: {
  readonly userIds?: readonly Id[];
  readonly itemIds?: readonly Id[];
} = {}): FactorModel {
  return new FactorModel({
    rank: 2,
    userFactors: Float32Array.of(1, 0, 0, 1, 0, 0),
    itemFactors: Float32Array.of(4, 0, 3, 1, 3, 2, 0, 0),
    users: listedIds(userIds),
    items: listedIds(itemIds),
    seen: () => ({
      offsets: Uint32Array.of(0, 1, 3, 3),
      items: Uint32Array.of(0, 1, 2),
      ratings: Float32Array.of(5, 1, 2),
    }),
    settings: modelSettings({ ...defaultJobOptions, rank: 2 }),
  });
}
