import { type MonoTypeOperatorFunction, Observable, Subject, take, takeUntil } from 'rxjs';

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
  // Not composed from operators: every event of a training passes here, between two phases, and
  // turning each into a notification takes several times as long.
  return (events$) =>
    new Observable((subscriber) => {
      const end = newEnd();
      const over$ = new Subject<void>();
      subscriber.add(() => over$.next());
      let isAsked = false;
      /** Whether an event is on its way: the last one follows it. */
      let isEmitting = false;
      const endIfAsked = (): void => {
        if (!isAsked || isEmitting || subscriber.closed) return;
        const last = end.finish();
        if (last === undefined) return;
        subscriber.next(last);
        subscriber.complete();
      };
      events$.pipe(takeUntil(over$)).subscribe({
        next(event) {
          end.note(event);
          isEmitting = true;
          subscriber.next(event);
          isEmitting = false;
          endIfAsked();
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
      notifier.pipe(take(1), takeUntil(over$)).subscribe({
        next() {
          isAsked = true;
          endIfAsked();
        },
        error: (error) => subscriber.error(error),
      });
    });
}
