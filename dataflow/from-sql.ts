import { defer, type Observable } from 'rxjs';
import { type ReadOptions, readRatings } from '../src/io/read-ratings.js';
import type { Ratings } from '../src/ratings/ratings.js';

/**
 * Ratings of a DuckDB query, which can read and join files of any kind that `fromFile` reads.
 *
 *     fromSql("select reader as user, book as item from 'loans.parquet'")   ----(r|)
 *
 * Cold: runs the query anew at every subscription. A broken query is a typed error of the stream.
 * Unsubscribing discards the result; a query that is under way ends by itself.
 */
export function fromSql(query: string, options: ReadOptions = {}): Observable<Ratings> {
  return defer(() => readRatings({ sql: query }, options));
}
