import { defer, type Observable, of } from 'rxjs';
import type { Ratings } from '../../src/ratings/ratings.js';
import { synthetic as makeRatings, type SyntheticOptions } from '../../src/ratings/synthetic.js';

/**
 * Made-up ratings that look like people's, the same for equal options.
 *
 *     synthetic(options)   (r|)
 *
 * Cold: made anew at every subscription. A wrong option is an error of the stream.
 */
export function synthetic(options: SyntheticOptions): Observable<Ratings> {
  return defer(() => of(makeRatings(options)));
}
