import { checkOptions } from '../../src/check-options.js';
import { InvalidOptionError } from '../../src/errors.js';
import type { RatingsSplit } from '../../src/ratings/ratings.js';
import type { JobOptions } from '../../src/training/options.js';
import type { Stage } from '../stage.js';
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

/** Options to search: a list of values to try, or one value for all trials. */
export type GridOptions<Name extends keyof JobOptions> = {
  readonly [N in Name]?: Searched<N> | readonly Searched<N>[];
};

/** What to try, and how. */
export interface GridSearchSettings<
  Name extends keyof JobOptions,
  Event extends { readonly type: string } = DefaultTrialEvent,
> extends SearchSettings<Name, Event> {
  readonly options: GridOptions<Name>;
}

/**
 * Trains a model for every combination of the listed options, measures each on what is withheld,
 * and reports the best.
 *
 *     splits         --r|
 *     gridSearch()   ----w(t)-e-e-(m)(t)-e-e-(mf)|
 *                        search-started, trial-started, trial, trial-finished, …, finished
 *
 * With several splits (`crossValidate`) every trial is measured on each, and the mean counts.
 * Trials are numbered with the last option changing fastest; which is best does not depend on how
 * many run at a time. A trial that fails is a `trial-failed` event and the others go on; if all
 * fail, that is an error of the stream. Errors of the source pass through. Completes after
 * `finished`; a source without a split completes without an event. Unsubscribing stops every trial.
 *
 * Wrong options throw `InvalidOptionError` at once.
 */
export function gridSearch<
  Name extends keyof JobOptions,
  Event extends { readonly type: string } = DefaultTrialEvent,
>(
  settings: GridSearchSettings<Name, Event>,
): Stage<'gridSearch', RatingsSplit, SearchEvent<Chosen<Name>, Event>> {
  checkOptions({ of: 'gridSearch' }, settings, searchRules);
  checkOptionNames(settings.options);
  return searchTrials(combinations(settings.options), settings);
}

/** Every combination, the last option changing fastest. */
function combinations<Name extends keyof JobOptions>(
  options: GridOptions<Name>,
): readonly Chosen<Name>[] {
  let chosen: readonly object[] = [{}];
  for (const [name, wanted] of Object.entries(options)) {
    const values: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
    if (values.length === 0)
      throw new InvalidOptionError(name, values, 'at least one value to try');
    chosen = chosen.flatMap((others) => values.map((value) => ({ ...others, [name]: value })));
  }
  // Each has a value for each name.
  return chosen as readonly Chosen<Name>[];
}
