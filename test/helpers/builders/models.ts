import type { Kernel } from '../../../src/kernels/kernel.js';
import { referenceKernel } from '../../../src/kernels/reference/reference-kernel.js';
import { createModel } from '../../../src/model/create-model.js';
import { FactorModel } from '../../../src/model/factor-model.js';
import type { ModelContents } from '../../../src/model/model-contents.js';
import { modelSettings, modelSettingsOf } from '../../../src/model/model-settings.js';
import type { RecommendAllOptions, UserRecommendations } from '../../../src/model/recommender.js';
import type { SeenRatings } from '../../../src/model/seen-ratings.js';
import { normalAt, randomAt } from '../../../src/random.js';
import { denseIds, type Id, listedIds } from '../../../src/ratings/id-vocabulary.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { factorSpans, joinSpans } from '../../../src/training/factor-spans.js';
import {
  defaultJobOptions,
  type JobOptions,
  paperSettings,
} from '../../../src/training/options.js';
import { runInPlace } from '../../../src/training/run-in-place.js';
import { resolvedAsInPaper } from './as-in-paper.js';
import { openJob } from './jobs.js';

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
    settings: modelSettings({ ...defaultJobOptions, ...paperSettings, rank: 2 }),
  });
}

/** Shape of a random model; see `randomModel`. */
export interface ModelShape {
  readonly rank: number;
  readonly users: number;
  readonly items: number;
  /** Every item's row is one of so many: few of them make ties. Default all differ. */
  readonly distinctItems?: number;
  /** What every repetition of an item's row is longer by, as a share of it. Default 0: exact ties. */
  readonly growth?: number;
  /** Share of rows that are zero. Default 0. */
  readonly zeroRows?: number;
  /** Factor of every element. Default 1. */
  readonly size?: number;
  /** Biases from the normal distribution, and a mean of 3.5. Default false. */
  readonly biases?: boolean;
  readonly seed?: number;
}

/** Factors from the normal distribution, dense ids; users rated one item in six. */
export function randomModel({ rank, users, items, ...rest }: ModelShape): FactorModel {
  const {
    distinctItems = items,
    growth = 0,
    zeroRows = 0,
    size = 1,
    biases = false,
    seed = 1,
  } = rest;
  const factors = (rows: number, stream: number, distinct: number) =>
    Float32Array.from({ length: rows * rank }, (_, at) => {
      const row = Math.floor(at / rank);
      const original = row % distinct;
      if (randomAt(seed, stream + 2, original) < zeroRows) return 0;
      const length = size * (1 + growth * Math.floor(row / distinct));
      return length * normalAt(seed, stream, original * rank + (at % rank));
    });
  const offsets = new Uint32Array(users + 1);
  const seen: number[] = [];
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) {
      if (randomAt(seed, 9 + user, item) < 1 / 6) seen.push(item);
    }
    offsets[user + 1] = seen.length;
  }
  const biasesOf = (rows: number, stream: number, distinct: number) =>
    Float32Array.from({ length: rows }, (_, row) => size * normalAt(seed, stream, row % distinct));
  return modelOf(
    rank,
    factors(users, 0, users),
    factors(items, 1, distinctItems),
    {
      offsets,
      items: Uint32Array.from(seen),
      ratings: new Float32Array(seen.length).fill(1),
    },
    biases
      ? {
          userBiases: biasesOf(users, 4, users),
          itemBiases: biasesOf(items, 5, distinctItems),
          globalMean: 3.5,
        }
      : {},
  );
}

/** A model of these factors with dense ids; without ratings unless `seen` has some. */
export function modelOf(
  rank: number,
  userFactors: Float32Array,
  itemFactors: Float32Array,
  seen: SeenRatings = {
    offsets: new Uint32Array(userFactors.length / rank + 1),
    items: new Uint32Array(0),
    ratings: new Float32Array(0),
  },
  biases: Pick<ModelContents, 'userBiases' | 'itemBiases' | 'globalMean'> = {},
): FactorModel {
  return new FactorModel({
    rank,
    userFactors,
    itemFactors,
    users: denseIds(userFactors.length / rank),
    items: denseIds(itemFactors.length / rank),
    ...biases,
    seen: () => seen,
    // Not resolved with the rank: models may have any, whatever the kernels are built for.
    settings: modelSettings({
      ...resolvedAsInPaper(biases.userBiases ? { feedback: 'explicit' } : {}),
      rank,
    }),
  });
}

/** What a kernel makes of ratings, by default the reference. */
export function trainedModel(
  ratings: Ratings,
  options: JobOptions,
  kernel: Kernel = referenceKernel,
): FactorModel {
  const { job, solver } = openJob(kernel, ratings, options);
  runInPlace(job, solver);
  const { iterations } = job.settings.schedule;
  const model = createModel({
    rank: job.settings.row.rank,
    stride: job.layout.stride,
    biases: job.settings.row.biases,
    globalMean: job.layout.weighting.offset,
    userFactors: joinSpans(factorSpans(job, 'user', iterations)),
    itemFactors: joinSpans(factorSpans(job, 'item', iterations)),
    ratings,
    settings: modelSettingsOf(job.settings),
  });
  job.release();
  return model;
}

/** Objectives that every way of solving a row has to know. */
export const objectives: Readonly<Record<string, JobOptions>> = {
  implicit: { alpha: 2 },
  'implicit with an unobserved weight': { alpha: 2, unobservedWeight: 0.2 },
  'implicit with a scaled regularization': { alpha: 2, regularizationExponent: 0.7 },
  ials: { objective: 'ials', unobservedWeight: 0.1, regularizationExponent: 0.5 },
  'implicit and nonnegative': { alpha: 2, nonnegative: true },
  'explicit with biases': { feedback: 'explicit', regularizationExponent: 1 },
  'explicit with a mean only': { feedback: 'explicit', biases: false },
  'explicit without either': { feedback: 'explicit', biases: false, globalMean: false },
  'explicit and nonnegative': { feedback: 'explicit', nonnegative: true },
};

/** The lists that the plain definition gives: every item scored, all of them sorted. */
export function listsOneByOne(
  model: FactorModel,
  { users = model.userIds, ...options }: RecommendAllOptions = {},
): UserRecommendations[] {
  return Array.from(users, (userId) => ({
    userId,
    recommendations: model.recommend(userId, options),
  }));
}
