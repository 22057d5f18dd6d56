import { Observable } from 'rxjs';
import { describeRatings } from '../../src/io/describe-ratings.js';
import type { DescribeOptions, ReadOptions } from '../../src/io/read-options.js';
import { readRatings } from '../../src/io/read-ratings.js';
import type { Source } from '../../src/io/relation.js';
import type { DescribedRatings } from '../../src/ratings/described-ratings.js';
import type { Ratings } from '../../src/ratings/ratings.js';

/** Reads or describes a source anew at every subscription; unsubscribing interrupts it. */
export function readSource(
  source: Source,
  options: ReadOptions | DescribeOptions,
): Observable<Ratings | DescribedRatings> {
  // Not composed from operators: unsubscribing has to reach the read's signal.
  return new Observable((subscriber) => {
    const abort = new AbortController();
    // Both refuse wrong options, and null in their place.
    const isDescribed = (options as Partial<DescribeOptions> | null)?.readBy !== undefined;
    const read = isDescribed ? describeRatings : readRatings;
    read(source, options, abort.signal).then(
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
