import { defer, map, type Observable } from 'rxjs';
import { aCount, checkOptions, oneOf, type Rules } from '../../src/check-options.js';
import { CheckpointError, InvalidOptionError } from '../../src/errors.js';
import type {
  IterationMetrics,
  ObservedErrors,
  RankingSample,
} from '../../src/training/iteration-metrics.js';
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
  /**
   * Figure of the iterations' `validation` that must get better: errors by falling, those of lists,
   * which only implicit feedback has, by rising. Default `rmse`.
   */
  readonly metric?: ValidationMetric | undefined;
  /**
   * Share of the best figure that a new best must gain, 0 ≤ minGain < 1. Default 0: anything counts.
   */
  readonly minGain?: number | undefined;
  /** Iterations in a row that may pass without a new best, an integer ≥ 1. Default 1. */
  readonly patience?: number | undefined;
  /** The model of the best iteration, or of the last one. Default `best`, which holds a copy. */
  readonly keep?: 'best' | 'last' | undefined;
}

/** Names of the figures that a run can be ended by. */
export type ValidationMetric = keyof ObservedErrors | Exclude<keyof RankingSample, 'users'>;

const rules: Rules<keyof NoImprovementOptions> = {
  metric: oneOf('rmse', 'mae', 'preferenceRmse', 'ndcg@20', 'recall@20'),
  minGain: {
    expected: 'a number from 0 to 1, 1 excluded',
    accepts: (value) => typeof value === 'number' && value >= 0 && value < 1,
  },
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
  const { metric = 'rmse', patience = 1, keep = 'best', minGain = 0 } = options;
  const better = betterBy(metric, minGain);
  const name = `untilNoImprovement ${metric}`;
  return (source: Observable<TrainingEvent | MeasurableEvent>) =>
    defer(() => {
      // The type is wider for the compiler's message only.
      const events$ = source as Observable<TrainingEvent>;
      let best = none;
      /** The model to keep so far. */
      let kept: FinishedEvent | undefined;
      const endOf = (finished: FinishedEvent): FinishedEvent => {
        if (kept === undefined) return finished;
        const { iterations, model } = kept;
        return { ...finished, iterations, model };
      };
      /** Continues from what the resumed run has reached; returns its end if it was over. */
      const goOn = (resumed: ResumedFrom): FinishedEvent | undefined => {
        const { iteration, history } = resumed;
        best = history.reduce((known, errors) => better(known, errors), none);
        if (keep === 'best') {
          kept = bestBefore(resumed, best, name);
        }
        if (iteration - best.iteration < patience) return undefined;
        return kept ?? resumed.finish();
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
          best = better(best, event);
          // The first model is kept whatever its figure.
          if (keep === 'best' && (kept === undefined || best.iteration === event.iteration)) {
            kept = event.keep(name);
          }
          if (event.iteration - best.iteration < patience) return undefined;
          return endOf(kept ?? event.finish());
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

function betterBy(metric: ValidationMetric, minGain: number) {
  return (best: Best, errors: IterationMetrics): Best => {
    const value = costOf(errors, metric);
    const isBetter =
      best === none ? value < best.value : value < best.value - minGain * Math.abs(best.value);
    return isBetter ? { value, iteration: errors.iteration } : best;
  };
}

/** The figure, negative where a higher one is better; NaN where it was not measured. */
function costOf({ validation }: IterationMetrics, metric: ValidationMetric): number {
  if (validation !== undefined) {
    const figure = validation[metric] ?? Number.NaN;
    return metric === 'ndcg@20' || metric === 'recall@20' ? -figure : figure;
  }
  throw new InvalidOptionError(
    'untilNoImprovement',
    'found nothing withheld; expected ratings to validate on; try holdout(…) before train(…)',
  );
}
