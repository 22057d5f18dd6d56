import { defer, map, type Observable } from 'rxjs';
import { aCount, checkOptions, oneOf, type Rules } from '../../src/check-options.js';
import { CheckpointError, InvalidOptionError } from '../../src/errors.js';
import type { IterationMetrics, ObservedErrors } from '../../src/training/iteration-metrics.js';
import type { Stage } from '../stage.js';
import { endRunAt } from './end-run-at.js';
import type {
  EndedEarly,
  FinishedEvent,
  Measurable,
  MeasurableEvent,
  ResumedFrom,
  TrainingEvent,
} from './training-event.js';

/** When a run no longer gets better on what was withheld, and which model is kept. */
export interface NoImprovementOptions {
  /** Figure of the iterations' `validation` that must fall. Default `rmse`. */
  readonly metric?: keyof ObservedErrors;
  /** Iterations in a row that may pass without a new best, an integer ≥ 1. Default 1. */
  readonly patience?: number;
  /** The model of the best iteration, or of the last one. Default `best`, which holds a copy. */
  readonly keep?: 'best' | 'last';
}

const rules: Rules<keyof NoImprovementOptions> = {
  metric: oneOf('rmse', 'mae', 'preferenceRmse'),
  patience: aCount,
  keep: oneOf('best', 'last'),
};

/**
 * Ends a run when a validation figure has not reached a new best for `patience` iterations, and
 * gives the model of the best one.
 *
 *     events                            --s--a--b--c--d--e--(f|)     rmse a 3, b 2, c 2.1, d 2.2
 *     untilNoImprovement()              --s--a--b--(cf|)             f has the model of b
 *     untilNoImprovement({patience:2})  --s--a--b--c--(df|)          f has the model of b
 *
 * `keep: 'best'` also changes the `finished` of a run that comes to its own end. A resumed run ends as
 * one that was never interrupted: checkpoints hold the best model so far. Of several ratings, those
 * after a run that was ended are not trained on.
 *
 * Errors of the source pass through; a run that has nothing withheld is an error of the stream, and where the
 * compiler knows it, does not compile: put `holdout` before `train`. So is `CheckpointError` with ERR_CHECKPOINT_MISMATCH, where the best
 * iteration lies before a checkpoint that was written without this operator, and its model is gone. Completes with the source if the figure keeps falling. State is kept per
 * subscription; unsubscribing stops the training.
 */
export function untilNoImprovement<Event extends TrainingEvent = TrainingEvent>(
  options: NoImprovementOptions = {},
): Stage<'untilNoImprovement', Measurable<Event>, EndedEarly<Event>> {
  checkOptions({ of: 'untilNoImprovement' }, options, rules);
  const { metric = 'rmse', patience = 1, keep = 'best' } = options;
  const name = `untilNoImprovement ${metric}`;
  return (source: Observable<TrainingEvent | MeasurableEvent>) =>
    defer(() => {
      // The type is wider for the compiler's message only.
      const events$ = source as Observable<TrainingEvent>;
      let best = none;
      /** The model to keep so far. */
      let kept: { readonly value: number; readonly end: FinishedEvent } | undefined;
      const endOf = (finished: FinishedEvent): FinishedEvent => {
        if (kept === undefined) return finished;
        const { iterations, model } = kept.end;
        return { ...finished, iterations, model };
      };
      /** Continues from what the resumed run has reached; returns its end if it was over. */
      const goOn = (resumed: ResumedFrom): FinishedEvent | undefined => {
        const { iteration, history } = resumed;
        best = history.reduce((known, errors) => better(known, errors, metric), none);
        if (keep === 'best') {
          const end = bestBefore(resumed, best, name);
          if (end !== undefined) kept = { value: best.value, end };
        }
        if (iteration - best.iteration < patience) return undefined;
        return kept?.end ?? resumed.finish();
      };
      return events$.pipe(
        map((event) => (event.type === 'finished' ? endOf(event) : event)),
        endRunAt((event) => {
          if (event.type === 'started') {
            best = none;
            kept = undefined;
            return event.resumed && goOn(event.resumed);
          }
          if (event.type !== 'iteration') return undefined;
          best = better(best, event, metric);
          const value = figureOf(event, metric);
          if (keep === 'best' && (kept === undefined || value < kept.value)) {
            kept = {
              value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value,
              end: event.keep(name),
            };
          }
          if (event.iteration - best.iteration < patience) return undefined;
          return endOf(kept?.end ?? event.finish());
        }),
      );
    });
}

/**
 * The end of a run whose last iteration was the best of those before it was resumed; undefined if
 * none of them had a figure and none was kept. Throws `CheckpointError` if its model is gone.
 */
function bestBefore(resumed: ResumedFrom, best: Best, name: string): FinishedEvent | undefined {
  const end = resumed.kept(name);
  if (best === none || end?.iterations === best.iteration) return end;
  if (best.iteration === resumed.iteration) return resumed.finish();
  throw new CheckpointError(
    'ERR_CHECKPOINT_MISMATCH',
    `found a checkpoint of iteration ${resumed.iteration} without the model of iteration ` +
      `${best.iteration}, the best so far; expected one that was written with ` +
      "untilNoImprovement after train; try keep: 'last', or another path to begin anew",
    { differences: ['untilNoImprovement'] },
  );
}

/** The best figure so far, and when it was reached. */
interface Best {
  readonly value: number;
  readonly iteration: number;
}

const none: Best = { value: Number.POSITIVE_INFINITY, iteration: 0 };

function better(best: Best, errors: IterationMetrics, metric: keyof ObservedErrors): Best {
  const value = figureOf(errors, metric);
  return value < best.value ? { value, iteration: errors.iteration } : best;
}

function figureOf({ validation }: IterationMetrics, metric: keyof ObservedErrors): number {
  if (validation !== undefined) return validation[metric];
  throw new InvalidOptionError(
    'untilNoImprovement',
    'found nothing withheld; expected ratings to validate on; try holdout(…) before train(…)',
  );
}
