import { defer, type Observable, of } from 'rxjs';
import type { Ratings } from '../../src/ratings/ratings.js';
import { type SyntheticOptions, syntheticRatings } from '../../src/ratings/synthetic-ratings.js';

/**
 * Made-up ratings that look like people's, the same for equal options.
 *
 *     synthetic(options)   (r|)
 *
 * Cold: made anew at every subscription. A wrong option is an error of the stream.
 */
export function synthetic(options: SyntheticOptions): Observable<Ratings> {
  return defer(() => of(syntheticRatings(options)));
}
