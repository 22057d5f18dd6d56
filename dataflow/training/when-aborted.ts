import { defer, fromEvent, map, NEVER, type Observable, throwError } from 'rxjs';

/**
 * Never a value: fails with the signal's reason as soon as it is aborted. `takeUntil` ends a stream
 * with it, which leaves the source and passes the error on.
 */
export function whenAborted(signal: AbortSignal | undefined): Observable<never> {
  if (signal === undefined) return NEVER;
  return defer(() => {
    if (signal.aborted) return throwError(() => signal.reason);
    return fromEvent(signal, 'abort').pipe(
      map(() => {
        throw signal.reason;
      }),
    );
  });
}
