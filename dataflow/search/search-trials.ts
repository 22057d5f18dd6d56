import { availableParallelism } from 'node:os';
import {
  concat,
  concatMap,
  defer,
  EMPTY,
  endWith,
  first,
  from,
  ignoreElements,
  isObservable,
  map,
  mergeMap,
  NEVER,
  type Observable,
  type OperatorFunction,
  of,
  pipe,
  shareReplay,
  startWith,
  takeUntil,
  toArray,
} from 'rxjs';
import type { Placement } from '../../actors/placements/placement.js';
import { threads } from '../../actors/placements/threads/threads.js';
import {
  aCount,
  aFunction,
  anything,
  checkOptions,
  checkValue,
  type Rule,
  type Rules,
} from '../../src/check-options.js';
import { InvalidOptionError } from '../../src/errors.js';
import {
  type ListMetric,
  type MetricName,
  type OfferedMetric,
  parseMetric,
} from '../../src/evaluation/metric-names.js';
import type { RatingsSplit } from '../../src/ratings/ratings.js';
import type { JobOptions, LossSettings } from '../../src/training/options.js';
import { jobRules } from '../../src/training/resolve-options.js';
import { type EvaluateOptions, type EvaluationEvent, evaluate } from '../evaluate.js';
import { type TrainingOptions, train } from '../training/train.js';
import type { TrainingEvent } from '../training/training-event.js';
import { Leaderboard } from './leaderboard.js';
import { runTrial } from './run-trial.js';
import type { SearchEvent } from './search-event.js';

/** A value that a trial can have. Options that are not searched are 'auto' in every trial. */
export type Searched<Name extends keyof JobOptions> = Name extends keyof LossSettings
  ? LossSettings[Name]
  : NonNullable<JobOptions[Name]>;

/** The options of a trial: a value for each name that is searched. */
export type Chosen<Name extends keyof JobOptions> = {
  readonly [N in Name]: Searched<N>;
};

/** The events of a trial where `trial` is not given. */
export type DefaultTrialEvent = TrainingEvent | EvaluationEvent;

/** The figures that the events of a trial have. */
export type MetricOf<Event> =
  Event extends EvaluationEvent<infer K>
    ? OfferedMetric<K> | Exclude<MetricName, ListMetric>
    : never;

/** How trials are run and compared. */
export interface SearchSettings<
  Name extends keyof JobOptions,
  Event extends { readonly type: string } = DefaultTrialEvent,
> {
  /** What the best trial is best in, such as 'ndcg@20' or 'rmse'. Errors are better when lower. */
  readonly metric: NoInfer<MetricOf<Event>>;
  /**
   * Makes the pipeline of a trial out of its options, its placement and the search's `pause`, if it
   * has one; called once for each trial when the search is made. By default `pipe(train(options), evaluate(…))`; give it to stop trials
   * early, or to measure more.
   */
  readonly trial?: (
    options: Chosen<Name> & Pick<TrainingOptions, 'pause'> & { readonly placement: Placement },
  ) => OperatorFunction<RatingsSplit, Event>;
  /** What the default trial measures. By default the metric alone. */
  readonly evaluate?: EvaluateOptions | undefined;
  /**
   * Trials at the same time at most, ≥ 1. Default the number of cores, at most 4: every trial under way
   * holds factors of its own in the 4 GiB beside the ratings.
   */
  readonly concurrency?: number | undefined;
  /**
   * Where every trial trains. By default worker threads, as many as each of the concurrent trials
   * can have without taking more cores than there are, ≥ 1.
   */
  readonly placement?: Placement | undefined;
  /**
   * True holds the search: trainings pause after the phase under way, and no trial starts. False, or
   * the end of the stream, lets it go on. An evaluation that runs is not held.
   */
  readonly pause?: Observable<boolean> | undefined;
}

const aPipeline: Rule = {
  expected: 'a function that returns a pipeline, such as pipe(train(options), evaluate({ k: 20 }))',
  accepts: (value) => typeof value === 'function',
};

const aStream: Rule = { expected: 'an Observable', accepts: isObservable };

/** What each setting must be; those that are checked elsewhere may be anything. */
export const searchRules: Rules<keyof SearchSettings<never> | 'options'> = {
  options: anything,
  metric: anything,
  trial: aFunction,
  evaluate: {
    expected: 'options of evaluate',
    accepts: (value) => typeof value === 'object' && value !== null,
  },
  concurrency: aCount,
  placement: anything,
  pause: aStream,
};

const anyJobOption = Object.fromEntries(Object.keys(jobRules).map((name) => [name, anything]));

/** Throws `InvalidOptionError` for what `train` does not know; it checks the values itself. */
export function checkOptionNames(options: object): void {
  checkOptions({ within: 'options' }, options, anyJobOption);
}

/**
 * Runs trials, `concurrency` at a time, on the splits of the source, which are folds of one
 * another, and reports the best.
 *
 * All splits are awaited first: every trial is measured on each. A trial that fails is reported and
 * the others go on; if none finishes, the stream ends with `SearchFailedError`.
 */
export function searchTrials<
  Name extends keyof JobOptions,
  Event extends { readonly type: string },
>(
  plan: readonly Chosen<Name>[],
  settings: SearchSettings<Name, Event>,
): OperatorFunction<RatingsSplit, SearchEvent<Chosen<Name>, Event>> {
  const cores = availableParallelism();
  const { concurrency = Math.min(4, cores) } = settings;
  const { placement = threads(Math.max(1, Math.floor(cores / concurrency))) } = settings;
  const metric = parseMetric(settings.metric);
  if (settings.trial !== undefined && settings.evaluate !== undefined) {
    throw new InvalidOptionError(
      'evaluate',
      'found evaluate beside trial; expected one of the two',
    );
  }
  const isPaused$ = latestOf(settings.pause ?? NEVER);
  const control = { placement, ...(settings.pause && { pause: isPaused$ }) };
  const trialFor = settings.trial ?? defaultTrial<Name, Event>(settings);
  // Made now, so that wrong options throw before anything is read.
  const trials = plan.map((options, i) => {
    const run = trialFor({ ...options, ...control });
    checkValue('trial', run, aPipeline);
    return { trial: i + 1, options, run };
  });

  const search = (folds: readonly RatingsSplit[]) =>
    defer(() => {
      const board = new Leaderboard<Chosen<Name>>(metric);
      const started = {
        type: 'search-started',
        trials: trials.length,
        folds: folds.length,
        metric: metric.name,
        concurrency,
      } as const;
      const trials$ = from(trials).pipe(
        mergeMap(
          (trial) =>
            isPaused$.pipe(
              first((isPaused) => !isPaused),
              concatMap(() => runTrial(trial, folds, metric)),
            ),
          concurrency,
        ),
        map((report) => {
          if (report.type === 'trial-failed') board.enterFailed(report);
          if (report.type !== 'measured') return report;
          const best = board.enter(report.result, report.model);
          return { type: 'trial-finished', ...report.result, best } as const;
        }),
      );
      return concat(
        of(started),
        trials$,
        defer(() => of(board.finish())),
        // Whoever comes later, such as the next trial, hears the latest value while this listens.
      ).pipe(takeUntil(isPaused$.pipe(ignoreElements())));
    });

  return pipe(
    toArray(),
    concatMap((folds) => (folds.length === 0 ? EMPTY : search(folds))),
  );
}

/** False until the stream has a value, and after its end; a subscriber begins with the latest value. */
function latestOf(pause: Observable<boolean>): Observable<boolean> {
  return pause.pipe(
    startWith(false),
    endWith(false),
    shareReplay({ bufferSize: 1, refCount: true }),
  );
}

/** Trains, and measures what the metric needs. */
function defaultTrial<Name extends keyof JobOptions, Event extends { readonly type: string }>({
  metric,
  evaluate: wanted,
}: SearchSettings<Name, Event>): NonNullable<SearchSettings<Name, Event>['trial']> {
  const { name, k = [] } = parseMetric(metric);
  const measured = { k, auc: name === 'auc', ...wanted };
  const pipeline = (options: TrainingOptions): OperatorFunction<RatingsSplit, DefaultTrialEvent> =>
    pipe(train(options), evaluate(measured));
  // Without `trial`, `Event` is what this pipeline emits.
  return pipeline as unknown as NonNullable<SearchSettings<Name, Event>['trial']>;
}
