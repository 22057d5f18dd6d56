import { defer, type Observable, of } from 'rxjs';
import { type RatingColumns, ratingsFromColumns } from '../src/ratings/from-columns.js';
import { type RatingRow, ratingsFromRows } from '../src/ratings/from-rows.js';
import type { DuplicatesPolicy, Ratings } from '../src/ratings/ratings.js';

/**
 * Ratings that are already in memory: rows with string or number ids, or columns of dense indices.
 *
 *     fromRatings(rows)   (r|)
 *
 * Cold: reads `rows` anew at every subscription. Bad rows are an error of the stream.
 */
export function fromRatings(
  rows: Iterable<RatingRow> | RatingColumns,
  options: { readonly duplicates?: DuplicatesPolicy } = {},
): Observable<Ratings> {
  return defer(() =>
    of(
      Symbol.iterator in rows
        ? ratingsFromRows(rows, options)
        : ratingsFromColumns({ ...rows, ...options }),
    ),
  );
}
