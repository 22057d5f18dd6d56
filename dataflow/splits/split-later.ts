import { Observable } from 'rxjs';

/** The splits that a promise gives. Unsubscribing aborts the signal of what makes them. */
export function splitLater<Split>(
  make: (signal: AbortSignal) => Promise<readonly Split[]>,
): Observable<Split> {
  // Not composed from operators: unsubscribing has to reach the signal.
  return new Observable((subscriber) => {
    const abort = new AbortController();
    make(abort.signal).then(
      (splits) => {
        for (const split of splits) subscriber.next(split);
        subscriber.complete();
      },
      (error) => {
        if (!abort.signal.aborted) subscriber.error(error);
      },
    );
    return () => abort.abort();
  });
}
