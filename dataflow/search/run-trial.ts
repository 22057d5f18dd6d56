import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  map,
  type Observable,
  type OperatorFunction,
  of,
  tap,
} from 'rxjs';
import { MetricMissingError } from '../../src/errors.js';
import type { Metric } from '../../src/evaluation/metric-names.js';
import type { FactorModel } from '../../src/model/factor-model.js';
import type { RatingsSplit } from '../../src/ratings/ratings.js';
import type { EvaluationEvent } from '../evaluate.js';
import type { FinishedEvent } from '../training/training-event.js';
import type {
  Figures,
  TrialFailedEvent,
  TrialOf,
  TrialProgressEvent,
  TrialResult,
  TrialStartedEvent,
} from './search-event.js';

/** A trial that can be run. */
export interface Trial<Options, Event> extends TrialOf<Options> {
  readonly run: OperatorFunction<RatingsSplit, Event>;
}

/** The events of a trial; the last one that is no `trial` says how it ended. */
export type TrialReport<Options, Event> =
  | TrialStartedEvent<Options>
  | TrialProgressEvent<Options, Event>
  | TrialFailedEvent<Options>
  | MeasuredTrial<Options>;

/** A trial is measured on every fold. */
export interface MeasuredTrial<Options> {
  readonly type: 'measured';
  readonly result: TrialResult<Options>;
  /** With one fold. */
  readonly model: FactorModel | undefined;
}

/** What is known about a fold so far. */
interface FoldNotes {
  figures: Figures;
  iterations: number;
  seconds: number;
  model: FactorModel | undefined;
}

/**
 * Runs a trial on one fold after the other, and emits its events and what it reached.
 *
 *     trial   (t)-e-e-e-e-m|     trial-started, trial, measured
 *
 * An error of the trial is a `trial-failed` event, and so is a trial that ends without the metric.
 * Unsubscribing stops the trial.
 */
export function runTrial<Options, Event extends { readonly type: string }>(
  { trial, options, run }: Trial<Options, Event>,
  splits: readonly RatingsSplit[],
  metric: Metric,
): Observable<TrialReport<Options, Event>> {
  return defer(() => {
    const folds: FoldNotes[] = [];
    const progress$ = from(splits).pipe(
      concatMap((split, fold) => {
        const notes: FoldNotes = { figures: {}, iterations: 0, seconds: 0, model: undefined };
        const events$ = of(split).pipe(
          run,
          tap((event) => takeNotes(event, notes)),
          map((event) => ({ type: 'trial', trial, options, fold, event }) as const),
        );
        const end$ = defer(() => {
          checkMetric(notes.figures, metric);
          folds.push(notes);
          return EMPTY;
        });
        return concat(events$, end$);
      }),
    );
    const measured = (): MeasuredTrial<Options> => ({
      type: 'measured',
      result: { trial, options, ...summarize(folds, metric) },
      model: folds.length === 1 ? folds[0]!.model : undefined,
    });
    return concat(
      of({ type: 'trial-started', trial, options } as const),
      progress$,
      defer(() => of(measured())),
    ).pipe(catchError((error) => of({ type: 'trial-failed', trial, options, error } as const)));
  });
}

/** Notes the figures of the evaluation and of the end of a training. */
function takeNotes(event: { readonly type: string }, notes: FoldNotes): void {
  if (event.type === 'evaluation') {
    // Only `EvaluationEvent` has this type.
    const { model, ratings } = event as EvaluationEvent;
    const { k: _cutoffs, users: _users, leftOut: _leftOut, ...figures } = model;
    const errors = ratings && { rmse: ratings.model.rmse, mae: ratings.model.mae };
    notes.figures = { ...figures, ...errors };
  }
  if (event.type === 'finished') {
    // Only `FinishedEvent` has this type.
    const { model, iterations, seconds } = event as FinishedEvent;
    Object.assign(notes, { model, iterations, seconds });
  }
}

function checkMetric(figures: Figures, { name }: Metric): void {
  if (!Number.isFinite(figures[name])) throw new MetricMissingError(name, Object.keys(figures));
}

function summarize(
  folds: readonly FoldNotes[],
  { name }: Metric,
): Omit<TrialResult<never>, keyof TrialOf<never>> {
  const figures = meanFigures(folds.map(({ figures }) => figures));
  return {
    score: figures[name]!,
    figures,
    folds: folds.map(({ figures }) => figures),
    iterations: folds.map(({ iterations }) => iterations),
    seconds: folds.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

function meanFigures(folds: readonly Figures[]): Figures {
  // The keys are those of figures, which `Object.keys` does not say.
  const names = Object.keys(folds[0]!) as (keyof Figures)[];
  const means = names.map((name) => {
    const sum = folds.reduce((sum, figures) => sum + figures[name]!, 0);
    return [name, sum / folds.length] as const;
  });
  return Object.fromEntries(means);
}
