import {
  concatMap,
  defer,
  dematerialize,
  from,
  type MonoTypeOperatorFunction,
  map,
  materialize,
  mergeWith,
  type Observable,
  type ObservableNotification,
  take,
} from 'rxjs';

/** What a stream would end with if it ended now. */
export interface EarlyEnd<Event, Last extends Event = Event> {
  /** Hears of every event. */
  note(event: Event): void;
  /** The last event; undefined while there is nothing to end with. */
  finish(): Last | undefined;
}

/**
 * Ends a stream at the first value of `notifier`; where there is nothing to end with yet, as soon as
 * there is.
 *
 *     events                  --a--b--c--d--
 *     notifier                -------x
 *     endEarly(x, of the b)   --a--b-(f|)
 *
 * Errors of both pass through. A notifier that completes changes nothing.
 *
 * @param newEnd called for every subscription
 */
export function endEarly<Event>(
  notifier: Observable<unknown>,
  newEnd: () => EarlyEnd<Event>,
): MonoTypeOperatorFunction<Event> {
  return (events$) =>
    defer(() => {
      const end = newEnd();
      let isAsked = false;
      /** Undefined stands for the notifier's value. */
      const answer = (
        notification: ObservableNotification<Event> | undefined,
      ): ObservableNotification<Event>[] => {
        if (notification === undefined) isAsked = true;
        else if (notification.kind === 'N') end.note(notification.value);
        const itself = notification === undefined ? [] : [notification];
        const last = isAsked ? end.finish() : undefined;
        return last === undefined ? itself : [...itself, { kind: 'N', value: last }, { kind: 'C' }];
      };
      const asked$ = notifier.pipe(
        take(1),
        map(() => undefined),
      );
      return events$.pipe(
        materialize(),
        mergeWith(asked$),
        concatMap((notification) => from(answer(notification))),
        dematerialize(),
      );
    });
}
