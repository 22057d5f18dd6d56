import {
  concatMap,
  dematerialize,
  type MonoTypeOperatorFunction,
  type ObservableNotification,
  of,
} from 'rxjs';
import type { FinishedEvent, TrainingEvent } from './training-event.js';

/**
 * Passes everything on until `decide` says how the run ends: then that comes too, and the stream
 * completes. Operators that stop early are made of it; their state belongs into a `defer` around it.
 *
 *     events         --s-p-p-i-p-p-i-p-p-i-(f|)    decide ends the run at the second i
 *     endRunAt(…)    --s-p-p-i-p-p-(if|)
 *
 * Errors, of the source and of `decide`, end the stream. Completes with the source if nothing ended
 * the run before. Ending the run and unsubscribing both leave the source, which stops the training.
 */
export function endRunAt(
  decide: (event: TrainingEvent) => FinishedEvent | undefined,
): MonoTypeOperatorFunction<TrainingEvent> {
  return (events$) =>
    events$.pipe(
      concatMap((event) => {
        const end = decide(event);
        return of(...(end === undefined ? [next(event)] : [next(event), next(end), complete]));
      }),
      dematerialize(),
    );
}

const complete: ObservableNotification<TrainingEvent> = { kind: 'C' };

function next(value: TrainingEvent): ObservableNotification<TrainingEvent> {
  return { kind: 'N', value };
}
