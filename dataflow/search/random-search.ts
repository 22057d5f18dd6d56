import { aCount, aSeed, checkOptions, checkValue, type Rules } from '../../src/check-options.js';
import { InvalidOptionError } from '../../src/errors.js';
import { randomAt } from '../../src/random.js';
import type { RatingsSplit } from '../../src/ratings/ratings.js';
import type { JobOptions } from '../../src/training/options.js';
import type { Stage } from '../stage.js';
import type { Distribution } from './distributions.js';
import type { SearchEvent } from './search-event.js';
import {
  type Chosen,
  checkOptionNames,
  type DefaultTrialEvent,
  type Searched,
  type SearchSettings,
  searchRules,
  searchTrials,
} from './search-trials.js';

/** Options to search: a distribution, a list to choose from, or one value for all trials. */
export type RandomOptions<Name extends keyof JobOptions> = {
  readonly [N in Name]?: Searched<N> | readonly Searched<N>[] | Distribution<Searched<N>>;
};

/** What to try, and how. */
export interface RandomSearchSettings<
  Name extends keyof JobOptions,
  Event extends { readonly type: string } = DefaultTrialEvent,
> extends SearchSettings<Name, Event> {
  readonly options: RandomOptions<Name>;
  /** How many trials, ≥ 1. */
  readonly trials: number;
  /** Of the choice, an integer from 0 to 2³² − 1. Default 42. */
  readonly seed?: number | undefined;
}

const rules: Rules<keyof RandomSearchSettings<never>> = {
  ...searchRules,
  trials: aCount,
  seed: aSeed,
};

/**
 * Trains models with options drawn at random, measures each on what is withheld, and reports the
 * best.
 *
 *     splits           --r|
 *     randomSearch()   ----w(t)-e-e-(m)(t)-e-e-(mf)|
 *                          search-started, trial-started, trial, trial-finished, …, finished
 *
 * What trial n tries depends on the seed, n and the order of the options alone: more trials repeat
 * the ones before. Errors, completion and unsubscribing are those of `gridSearch`.
 *
 * Wrong options, also those that are drawn, throw `InvalidOptionError` at once.
 */
export function randomSearch<
  Name extends keyof JobOptions,
  Event extends { readonly type: string } = DefaultTrialEvent,
>(
  settings: RandomSearchSettings<Name, Event>,
): Stage<'randomSearch', RatingsSplit, SearchEvent<Chosen<Name>, Event>> {
  checkOptions({ of: 'randomSearch' }, settings, rules);
  const { options, trials, seed = 42 } = settings;
  checkValue('trials', trials, aCount);
  checkOptionNames(options);
  const plan = Array.from({ length: trials }, (_, trial) => draw(options, seed, trial));
  return searchTrials(plan, settings);
}

/** The options of one trial. */
function draw<Name extends keyof JobOptions>(
  options: RandomOptions<Name>,
  seed: number,
  trial: number,
): Chosen<Name> {
  const drawn = Object.entries(options).map(([name, wanted], i) => {
    const uniform = randomAt(seed, trial, i);
    if (typeof wanted === 'function') return [name, wanted(uniform)];
    if (!Array.isArray(wanted)) return [name, wanted];
    if (wanted.length === 0) throw new InvalidOptionError(name, wanted, 'at least one value');
    return [name, wanted[Math.floor(uniform * wanted.length)]];
  });
  // Each name has a value of its own.
  return Object.fromEntries(drawn) as Chosen<Name>;
}
