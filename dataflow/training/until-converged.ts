import { defer, type Observable } from 'rxjs';
import { checkValue, type Rule } from '../../src/check-options.js';
import type { Stage } from '../stage.js';
import { endRunAt } from './end-run-at.js';
import type { EndedEarly, TrainingEvent } from './training-event.js';

const aTolerance: Rule = {
  expected: 'a number from 0 to 1, 1 excluded',
  accepts: (value) => typeof value === 'number' && value >= 0 && value < 1,
};

/**
 * Ends a run after the iteration that improves the total loss by less than `tolerance`, relative to
 * the iteration before, with the model of that iteration.
 *
 *     events                --s-p-p-a-p-p-b-p-p-c-p-p-d-(f|)    loss a 9, b 4, c 3.9, d 3.8
 *     untilConverged(0.1)   --s-p-p-a-p-p-b-p-p-(cf|)
 *
 * The stream still ends with `finished`, so it goes between `train` and `evaluate`. A resumed run
 * ends where it would have ended without the interruption. Of several ratings, those after a run
 * that was ended are not trained on; put `train` and this into a `concatMap` for that.
 *
 * Errors of the source pass through. Completes with the source if no iteration falls short. State is
 * kept per subscription; unsubscribing stops the training.
 *
 * @param tolerance relative drop of the loss, 0 ≤ tolerance < 1; with 0 it ends when the loss rises
 */
export function untilConverged<Event extends TrainingEvent = TrainingEvent>(
  tolerance: number,
): Stage<'untilConverged', Event, EndedEarly<Event>> {
  checkValue('tolerance', tolerance, aTolerance);
  return (events$: Observable<TrainingEvent>) =>
    defer(() => {
      let before: number | undefined;
      return events$.pipe(
        endRunAt((event) => {
          if (event.type === 'started') before = event.resumed?.history.at(-1)?.loss.total;
          if (event.type !== 'iteration') return undefined;
          const { total } = event.loss;
          const fallsShort = before !== undefined && before - total < tolerance * Math.abs(before);
          before = total;
          return fallsShort ? event.finish() : undefined;
        }),
      );
    });
}
