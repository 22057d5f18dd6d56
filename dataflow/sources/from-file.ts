import type { Observable } from 'rxjs';
import type { ReadOptions } from '../../src/io/read-ratings.js';
import type { Ratings } from '../../src/ratings/ratings.js';
import { readSource } from './read-source.js';

/**
 * Ratings of one or more files: CSV, TSV, Parquet, JSON, also gzip or zstd. Columns that are not
 * named are guessed from usual names.
 *
 *     fromFile('ratings.csv')   ----(r|)
 *
 * Cold: reads the files anew at every subscription. Whatever is wrong with them is a typed error of
 * the stream. Unsubscribing interrupts the read.
 */
export function fromFile(
  files: string | readonly string[],
  options: ReadOptions = {},
): Observable<Ratings> {
  return readSource({ files }, options);
}
