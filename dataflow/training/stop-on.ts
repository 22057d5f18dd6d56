import { isObservable, type Observable } from 'rxjs';
import { checkValue, type Rule } from '../../src/check-options.js';
import { type EarlyEnd, endEarly } from '../end-early.js';
import type { Stage } from '../stage.js';
import type { EndedEarly, IterationEvent, TrainingEvent } from './training-event.js';

const aStream: Rule = { expected: 'an Observable', accepts: isObservable };

/**
 * Ends a run at the first value of `notifier`, with the model of the last finished iteration; if
 * there is none yet, after the first.
 *
 *     events        --s-p-p-i-p-p-i-p-p-i-(f|)
 *     notifier      --------------x
 *     stopOn(x)     --s-p-p-i-p-p-(f|)           f has the model of the first i
 *
 * RxJS's `takeUntil` stops as fast, but without `finished`, so `evaluate` and `recommendAll` after
 * it have nothing to work on. Of several ratings, those after a run that was ended are not trained
 * on.
 *
 * Errors of the source and of the notifier pass through; a notifier that completes changes nothing.
 * Completes with the source if no value comes. State is kept per subscription; unsubscribing leaves
 * both and stops the training. Throws `InvalidOptionError` at once for a value that is no stream.
 */
export function stopOn<Event extends TrainingEvent = TrainingEvent>(
  notifier: Observable<unknown>,
): Stage<'stopOn', Event, EndedEarly<Event>> {
  checkValue('notifier', notifier, aStream);
  return (events$: Observable<TrainingEvent>) => events$.pipe(endEarly(notifier, lastIteration));
}

/** The model of the last finished iteration. */
export function lastIteration(): EarlyEnd<TrainingEvent> {
  let latest: IterationEvent | undefined;
  return {
    note(event) {
      if (event.type === 'iteration') latest = event;
      if (event.type === 'finished') latest = undefined;
    },
    finish: () => latest?.finish(),
  };
}
