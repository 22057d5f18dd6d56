import { describe } from '../../errors.js';
import type { IdVocabulary } from '../../ratings/id-vocabulary.js';
import { defaultJobOptions, paperSettings } from '../../training/options.js';
import { resolveJobOptions } from '../../training/resolve-options.js';
import type { ModelContents } from '../model-contents.js';
import { modelSettings } from '../model-settings.js';
import { firstNonFinite } from '../store/contents-from-columns.js';

/** A model that another library saved: factors without biases, and no ratings. */
export interface ForeignModel {
  readonly rank: number;
  /** Row-major, users.size × rank. */
  readonly userFactors: Float32Array;
  /** Row-major, items.size × rank. */
  readonly itemFactors: Float32Array;
  readonly users: IdVocabulary;
  readonly items: IdVocabulary;
  /** Options of its training that are known. */
  readonly options: {
    readonly alpha?: number;
    readonly regularization?: number;
    readonly iterations?: number;
  };
}

/**
 * Its contents, with the paper's settings of the loss, and defaults, for options that are not known. Throws `InvalidOptionError`
 * for options out of range, `TypeError` for factors that are not finite and ids that are there twice.
 */
export function contentsOfForeign({ options, ...foreign }: ForeignModel): ModelContents {
  const { rank, users, items } = foreign;
  const nonFinite = firstNonFinite(foreign);
  if (nonFinite !== undefined) throw new TypeError(`found ${nonFinite}; expected finite numbers`);
  for (const ids of [users, items]) checkDistinct(ids);
  const solver = rank > 512 ? { solver: 'subspace' as const } : {};
  const given = { ...defaultJobOptions, ...paperSettings, ...solver, ...options, rank };
  return { ...foreign, settings: modelSettings(resolveJobOptions(given)), seen: undefined };
}

function checkDistinct(ids: IdVocabulary): void {
  for (let position = 0; position < ids.size; position++) {
    const id = ids.at(position);
    if (ids.positionOf(id) !== position) throw new TypeError(`found id ${describe(id)} twice`);
  }
}
