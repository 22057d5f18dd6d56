import type { Observable } from 'rxjs';
import type { DescribeOptions, ReadOptions } from '../../src/io/read-options.js';
import type { DescribedRatings } from '../../src/ratings/described-ratings.js';
import type { Ratings } from '../../src/ratings/ratings.js';
import { readSource } from './read-source.js';

/**
 * Ratings of a DuckDB query, which can read and join files of any kind that `fromFile` reads.
 *
 *     fromSql("select reader as user, book as item from 'loans.parquet'")   ----(r|)
 *
 * Cold: runs the query anew at every subscription. A broken query is a typed error of the stream.
 * Unsubscribing interrupts the query.
 *
 * With `readBy: 'workers'` the ratings stay where they are: see `DescribedRatings`.
 */
export function fromSql(query: string, options: DescribeOptions): Observable<DescribedRatings>;
export function fromSql(query: string, options?: ReadOptions): Observable<Ratings>;
export function fromSql(
  query: string,
  options: ReadOptions | DescribeOptions = {},
): Observable<Ratings | DescribedRatings> {
  return readSource({ sql: query }, options);
}
