import type { MetricName } from '../../src/evaluation/metric-names.js';
import type { FactorModel } from '../../src/model/factor-model.js';

/**
 * The events of a search, a closed union on `type`. In order: `search-started`; for every trial
 * `trial-started`, its own events as `trial`, and `trial-finished` or `trial-failed`, those of
 * trials that run at the same time interleaved; `finished` last.
 */
export type SearchEvent<Options, Event> =
  | SearchStartedEvent
  | TrialStartedEvent<Options>
  | TrialProgressEvent<Options, Event>
  | TrialFinishedEvent<Options>
  | TrialFailedEvent<Options>
  | SearchFinishedEvent<Options>;

/** What the search will try. */
export interface SearchStartedEvent {
  readonly type: 'search-started';
  readonly trials: number;
  /** Splits that every trial is measured on. */
  readonly folds: number;
  readonly metric: MetricName;
  /** Trials that run at the same time at most. */
  readonly concurrency: number;
}

/** A trial begins. */
export interface TrialStartedEvent<Options> extends TrialOf<Options> {
  readonly type: 'trial-started';
}

/** Something happened inside a trial. */
export interface TrialProgressEvent<Options, Event> extends TrialOf<Options> {
  readonly type: 'trial';
  /** Of the split that the trial is at, from 0. */
  readonly fold: number;
  readonly event: Event;
}

/** A trial is measured. */
export interface TrialFinishedEvent<Options> extends TrialResult<Options> {
  readonly type: 'trial-finished';
  /** The best trial so far, perhaps this one. */
  readonly best: TrialResult<Options>;
}

/** A trial broke; the others go on. */
export interface TrialFailedEvent<Options> extends FailedTrial<Options> {
  readonly type: 'trial-failed';
}

/** Every trial is done. */
export interface SearchFinishedEvent<Options> {
  readonly type: 'finished';
  readonly best: TrialResult<Options>;
  /** Trials that finished, best first, ties in their order. */
  readonly trials: readonly TrialResult<Options>[];
  readonly failed: readonly FailedTrial<Options>[];
  /**
   * The best trial's model. Undefined with several folds, of which each has a model of its own:
   * train once more with `best.options`.
   */
  readonly model: FactorModel | undefined;
}

/** Which trial. */
export interface TrialOf<Options> {
  /** Number of the trial, from 1. */
  readonly trial: number;
  readonly options: Options;
}

/** What a trial reached. */
export interface TrialResult<Options> extends TrialOf<Options> {
  /** The figure that the search compares, in the mean of the folds. */
  readonly score: number;
  /** Means over the folds of everything that was measured. */
  readonly figures: Figures;
  /** The figures of every fold. */
  readonly folds: readonly Figures[];
  /** Iterations of every fold, fewer than asked for where a trial stopped early. */
  readonly iterations: readonly number[];
  /** Training time of all folds together. */
  readonly seconds: number;
}

/** How a trial broke. */
export interface FailedTrial<Options> extends TrialOf<Options> {
  readonly error: unknown;
}

/** What was measured, by name. */
export type Figures = { readonly [Name in MetricName]?: number };
