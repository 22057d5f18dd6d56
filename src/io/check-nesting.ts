import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { SourceError } from '../errors.js';
import { JsonNesting } from './json-nesting.js';
import { parquetNesting } from './parquet-nesting.js';
import { systemRefusal } from './system-failure.js';

/** Far more than ratings need, and far less than DuckDB survives: it recurs, on a stack of some MiB. */
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
  const zstd = /\.zst$/i.test(path) ? new Decompress((bytes) => nesting.scan(bytes)) : undefined;
  const file = createReadStream(path, { highWaterMark: 2 ** 20, ...(signal && { signal }) });
  const gzip = /\.gz$/i.test(path) ? pipeline(file, createGunzip(), () => {}) : undefined;
  for await (const bytes of gzip ?? file) {
    if (zstd === undefined) nesting.scan(bytes);
    else zstd.push(bytes);
    // Leaving the loop closes the file.
    if (nesting.deepest > maxNesting) return nesting.deepest;
  }
  zstd?.push(new Uint8Array(), true);
  return nesting.deepest;
}
