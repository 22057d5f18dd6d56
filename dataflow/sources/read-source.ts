import { Observable } from 'rxjs';
import { type ReadOptions, readRatings } from '../../src/io/read-ratings.js';
import type { Source } from '../../src/io/relation.js';
import type { Ratings } from '../../src/ratings/ratings.js';

/** Reads a source anew at every subscription; unsubscribing interrupts the read. */
export function readSource(source: Source, options: ReadOptions): Observable<Ratings> {
  // Not composed from operators: unsubscribing has to reach the read's signal.
  return new Observable((subscriber) => {
    const abort = new AbortController();
    readRatings(source, options, abort.signal).then(
      (ratings) => {
        subscriber.next(ratings);
        subscriber.complete();
      },
      (error) => {
        if (!abort.signal.aborted) subscriber.error(error);
      },
    );
    return () => abort.abort();
  });
}
