import { SearchFailedError } from '../../src/errors.js';
import type { Metric } from '../../src/evaluation/metric-names.js';
import type { FactorModel } from '../../src/model/factor-model.js';
import type { FailedTrial, SearchFinishedEvent, TrialResult } from './search-event.js';

/** The trials of a search in the order of their scores. Keeps the model of the best one alone. */
export class Leaderboard<Options> {
  readonly #metric: Metric;
  readonly #results: TrialResult<Options>[] = [];
  readonly #failed: FailedTrial<Options>[] = [];
  #model: FactorModel | undefined;

  constructor(metric: Metric) {
    this.#metric = metric;
  }

  /** Enters a trial and returns the best one so far. */
  enter(result: TrialResult<Options>, model: FactorModel | undefined): TrialResult<Options> {
    this.#results.push(result);
    // Ties go by number, so the order does not depend on which trial was done first.
    const sign = this.#metric.isLowerBetter ? 1 : -1;
    this.#results.sort((a, b) => sign * (a.score - b.score) || a.trial - b.trial);
    const best = this.#results[0]!;
    if (best === result) this.#model = model;
    return best;
  }

  enterFailed(failed: FailedTrial<Options>): void {
    this.#failed.push(failed);
  }

  /** The final event. Throws `SearchFailedError` if no trial finished. */
  finish(): SearchFinishedEvent<Options> {
    const [best] = this.#results;
    const failed = this.#failed.toSorted((a, b) => a.trial - b.trial);
    if (best === undefined) throw new SearchFailedError(failed.length, failed[0]?.error);
    return { type: 'finished', best, trials: this.#results, failed, model: this.#model };
  }
}
