import { defer, from, map, type Observable, of, reduce } from 'rxjs';
import { checkValue, type Rule } from '../../src/check-options.js';
import { type RatingColumns, ratingsFromColumns } from '../../src/ratings/from-columns.js';
import {
  GatheredRows,
  type RatingRow,
  type RowOptions,
  ratingsFromRows,
} from '../../src/ratings/from-rows.js';
import type { Ratings } from '../../src/ratings/ratings.js';

const somethingToRead: Rule = {
  expected: 'an iterable of { user, item, rating?, timestamp? }, or columns of dense indices',
  accepts: (value) => typeof value === 'object' && value !== null,
};

/**
 * Ratings from memory or from wherever they come one by one: rows with string or number ids in an
 * iterable or an async iterable, or columns of dense indices.
 *
 *     fromRatings(rows)        (r|)
 *     fromRatings(asyncRows)   ----(r|)     when the last row has come
 *
 * Cold: reads `rows` anew at every subscription; a generator can be read only once. Bad rows, and
 * whatever an async iterable throws, are an error of the stream. Unsubscribing ends an async
 * iterable at its next row.
 */
export function fromRatings(
  rows: Iterable<RatingRow> | AsyncIterable<RatingRow> | RatingColumns,
  options: RowOptions = {},
): Observable<Ratings> {
  return defer(() => {
    checkValue('rows', rows, somethingToRead);
    if (Symbol.asyncIterator in rows) return gatherRows(rows, options);
    return of(
      Symbol.iterator in rows
        ? ratingsFromRows(rows, options)
        : ratingsFromColumns({ ...rows, ...options }),
    );
  });
}

function gatherRows(rows: AsyncIterable<RatingRow>, options: RowOptions): Observable<Ratings> {
  const gather = (gathered: GatheredRows, row: RatingRow) => {
    gathered.add(row);
    return gathered;
  };
  return from(rows).pipe(
    reduce(gather, new GatheredRows(options)),
    map((gathered) => gathered.ratings()),
  );
}
