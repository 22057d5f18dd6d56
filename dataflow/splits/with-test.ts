import { concatMap, map, type Observable, take, throwIfEmpty } from 'rxjs';
import { InvalidOptionError } from '../../src/errors.js';
import type { Ratings, RatingsSplit } from '../../src/ratings/ratings.js';
import { joinTest } from '../../src/ratings/split/join-test.js';
import { leaveOutSeen } from '../../src/ratings/split/leave-out-seen.js';
import type { Stage } from '../stage.js';

/**
 * Validates and evaluates on ratings of another source, as where a split is published as two files.
 *
 *     fromFile('u1.base').pipe(withTest(fromFile('u1.test')), train(…))
 *
 *     ratings         --r|
 *     test$             --t|
 *     withTest(test$) ----s|      s = { train, test }, under the numbering of r
 *
 * Users and items that only the test ratings know are kept, without ratings to train on. Test ratings of
 * pairs that are trained on too are left out, and `leftOut` of the split counts them.
 *
 * The first `Ratings` of `test$` counts and is read when the source has its own. Errors of both pass
 * through; a `test$` without ratings, one that shares no user or no item with the source, and one of
 * which nothing is left, is an error of the stream. Completes with the source. Unsubscribing leaves whichever is being read.
 */
export function withTest(test$: Observable<Ratings>): Stage<'withTest', Ratings, RatingsSplit> {
  if (typeof test$?.subscribe !== 'function') {
    throw new InvalidOptionError('test$', test$, "a source such as fromFile('u1.test')");
  }
  return concatMap((ratings) =>
    test$.pipe(
      take(1),
      throwIfEmpty(
        () =>
          new InvalidOptionError(
            'test$',
            'found no ratings in test$; expected a source that emits some',
          ),
      ),
      map((test) => leaveOutSeen(joinTest(ratings, test))),
    ),
  );
}
