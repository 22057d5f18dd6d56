import { lastValueFrom, type Observable, toArray } from 'rxjs';
import type { FinishedEvent, TrainingEvent } from '../../../dataflow/training/training-event.js';

/** All events of a stream, when it completes. */
export function eventsOf<Event>(events$: Observable<Event>): Promise<Event[]> {
  return lastValueFrom(events$.pipe(toArray()), { defaultValue: [] });
}

/** The last event, which has the model. */
export function finishedOf(events: readonly { readonly type: string }[]): FinishedEvent {
  const last = events.at(-1);
  if (last?.type !== 'finished') throw new TypeError(`the last event is ${last?.type}`);
  return last as FinishedEvent;
}

/** Both sides' factors of the finished model. */
export function factorsOfRun(events: readonly { readonly type: string }[]): Float32Array[] {
  const { model } = finishedOf(events);
  return [model.userFactors, model.itemFactors];
}

/** The figures of the iterations that do not depend on the clock. */
export function errorsOfRun(events: readonly TrainingEvent[]) {
  return events
    .filter((event) => event.type === 'iteration')
    .map(({ iteration, rmse, mae, preferenceRmse, loss, validation }) => ({
      iteration,
      rmse,
      mae,
      preferenceRmse,
      loss,
      validation,
    }));
}

/** Types of the events in order, with the iteration where they have one: `iteration 2`. */
export function outline(events: readonly TrainingEvent[]): string[] {
  return events.map((event) =>
    'iteration' in event ? `${event.type} ${event.iteration}` : event.type,
  );
}
