import type { Observable } from 'rxjs';
import type { FileName } from '../../src/io/input-files.js';
import type { DescribeOptions, ReadOptions } from '../../src/io/read-options.js';
import type { DescribedRatings } from '../../src/ratings/described-ratings.js';
import type { Ratings } from '../../src/ratings/ratings.js';
import { readSource } from './read-source.js';

/**
 * Ratings of one or more files: CSV, TSV, Parquet, JSON, also gzip or zstd; `-` is standard input.
 * Columns that are not named are guessed from usual names. Every row is read, or the error names
 * the first line that is not a row.
 *
 *     fromFile('ratings.csv')   ----(r|)
 *
 * Cold: reads the files anew at every subscription. Whatever is wrong with them is a typed error of
 * the stream. Unsubscribing interrupts the read.
 *
 * With `readBy: 'workers'` the ratings stay where they are: see `DescribedRatings`.
 */
export function fromFile(
  files: FileName | readonly FileName[],
  options: DescribeOptions,
): Observable<DescribedRatings>;
export function fromFile(
  files: FileName | readonly FileName[],
  options?: ReadOptions,
): Observable<Ratings>;
export function fromFile(
  files: FileName | readonly FileName[],
  options: ReadOptions | DescribeOptions = {},
): Observable<Ratings | DescribedRatings> {
  return readSource({ files }, options);
}
