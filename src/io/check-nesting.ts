import { SourceError } from '../errors.js';
import { type Compression, readContent } from './decompress.js';
import { JsonNesting } from './json-nesting.js';
import { parquetNesting } from './parquet-nesting.js';
import { systemRefusal } from './system-failure.js';

/**
 * Far more than ratings need, and far less than DuckDB, which recurs on a stack of some MiB,
 * survives.
 */
const maxNesting = 100;

/**
 * Checks that the values of a file do not nest so deeply that DuckDB, which recurs into them, would
 * kill the process. Reads a JSON file once, 140 to 195 MB a second of one
 * core as measured; of Parquet, the footer.
 *
 * Throws `SourceError`, and the signal's reason once it aborts.
 */
export async function checkNesting(
  path: string,
  format: 'csv' | 'parquet' | 'json',
  signal?: AbortSignal,
): Promise<void> {
  if (format === 'csv') return;
  const nesting = await (format === 'json'
    ? jsonNesting(path, signal)
    : parquetNesting(path)
  ).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw (
      systemRefusal(path, cause) ??
      new SourceError(
        'ERR_UNREADABLE_SOURCE',
        `found ${path} unreadable: ${cause instanceof Error ? cause.message : String(cause)}; ` +
          'expected a whole file of its format; check that it was written completely',
        { cause },
      )
    );
  });
  if (nesting <= maxNesting) return;
  throw new SourceError(
    'ERR_NESTED_TOO_DEEPLY',
    `found values in ${path} that nest more than ${maxNesting} levels deep; expected flat ones, ` +
      'as ratings are; try a file with the columns that are needed',
  );
}

/** How deeply JSON in a file nests, which may be compressed; stops at more than is allowed. */
async function jsonNesting(path: string, signal: AbortSignal | undefined): Promise<number> {
  const nesting = new JsonNesting();
  // Leaving the loop closes the file.
  for await (const bytes of readContent(path, compressionByEnding(path))) {
    signal?.throwIfAborted();
    nesting.scan(bytes);
    if (nesting.deepest > maxNesting) break;
  }
  return nesting.deepest;
}

/** DuckDB decides by the ending. */
export function compressionByEnding(path: string): Compression {
  if (/\.gz$/i.test(path)) return 'gzip';
  return /\.zst$/i.test(path) ? 'zstd' : 'none';
}
