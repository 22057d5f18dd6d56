import { defer, from, isObservable, map, type Observable, of, reduce } from 'rxjs';
import { checkValue, type Rule } from '../../src/check-options.js';
import { InvalidOptionError } from '../../src/errors.js';
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
 * Cold: reads `rows` anew at every subscription. What can be read only once, such as a generator, is
 * refused at the second one. Bad rows, and whatever an async iterable throws, are an error of the
 * stream. Unsubscribing ends an async
 * iterable at its next row.
 */
export function fromRatings(
  rows: Iterable<RatingRow> | AsyncIterable<RatingRow> | RatingColumns,
  options: RowOptions = {},
): Observable<Ratings> {
  let isRead = false;
  return defer(() => {
    checkValue('rows', rows, somethingToRead);
    refuseWrapped(rows);
    if ('next' in rows) {
      if (isRead) throw readBefore();
      isRead = true;
    }
    if (Symbol.asyncIterator in rows) return gatherRows(rows, options);
    return of(
      Symbol.iterator in rows
        ? ratingsFromRows(rows, options)
        : ratingsFromColumns({ ...rows, ...options }),
    );
  });
}

/** Throws `InvalidOptionError` for rows that are still inside something else. */
function refuseWrapped(rows: object): void {
  const shape = somethingToRead.expected;
  if (isObservable(rows)) {
    const advice = 'try rows$.pipe(toArray(), concatMap((rows) => fromRatings(rows)))';
    throw new InvalidOptionError(
      'rows',
      `found an Observable as rows; expected ${shape}; ${advice}`,
    );
  }
  if ('then' in rows) {
    const advice = 'try fromRatings(await rows)';
    throw new InvalidOptionError('rows', `found a Promise as rows; expected ${shape}; ${advice}`);
  }
  if (Symbol.asyncIterator in rows || Symbol.iterator in rows || 'users' in rows) return;
  throw new InvalidOptionError('rows', rows, shape);
}

function readBefore() {
  return new InvalidOptionError(
    'rows',
    'found rows of a generator that were read before; expected rows that can be read again; ' +
      'try [...rows], or defer(() => fromRatings(generate()))',
  );
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
