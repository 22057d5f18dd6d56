import { relative, resolve } from 'node:path';
import { SourceError } from '../errors.js';
import type { RatingsSource } from '../ratings/described-ratings.js';
import type { Side } from '../ratings/ratings.js';
import type { SparseRows } from '../ratings/sparse-rows.js';
import type { Database } from './database.js';
import { differentSource, expectSame } from './different-source.js';
import { engineVersion, leanSettings, openDatabase } from './duckdb.js';
import { scanEntries } from './entry-scans.js';
import { type FoundSource, findSource } from './entry-tables.js';
import { numberRows } from './numbered-ids.js';
import { type BothSides, sortBothSides } from './sorted-entries/both-sides.js';

/** A source that others described, as a worker reads it. */
export interface RatingsReader {
  /**
   * Ratings of the rows `first` … `end` − 1 of a side. The first call reads the source. Rejects with
   * `SourceError` if it is not the one that was described, or with what reading it throws.
   */
  rows(side: Side, first: number, end: number): Promise<SparseRows>;
  /** Interrupts running work and deletes its files on disk. */
  close(): Promise<void>;
}

/**
 * Opens a source that others described, and reports faults that show before it is read. Its SQL is not
 * trusted: it reads files in `folders` only, and writes none.
 *
 * Throws `SourceError`, `ColumnError` or `InvalidOptionError`.
 *
 * @param folders absolute paths
 * @param threads that DuckDB may take
 */
export async function openRatingsReader(
  source: RatingsSource,
  folders: readonly string[],
  threads?: number,
): Promise<RatingsReader> {
  const closing = new AbortController();
  for (const path of source.files ?? []) checkPath(path, folders);
  const database = await openDatabase(closing.signal, { ...leanSettings(threads), folders });
  let found: FoundSource;
  try {
    found = await findDescribed(database, source);
  } catch (error) {
    await database.close();
    throw error;
  }
  let sorting: Promise<BothSides> | undefined;
  const pending = new Set<Promise<unknown>>();
  return {
    rows(side, first, end) {
      sorting ??= sort(database, found, source);
      const reading = sorting.then(({ rows }) => {
        closing.signal.throwIfAborted();
        return rows[side].rows(first, end);
      });
      pending.add(reading);
      const forget = () => pending.delete(reading);
      reading.then(forget, forget);
      return reading;
    },
    async close() {
      closing.abort();
      await Promise.allSettled(pending);
      const { rows } = (await sorting?.catch(() => undefined)) ?? {};
      await rows?.user.remove();
      await rows?.item.remove();
      await database.close();
    },
  };
}

/** Looks at a source that was described. Throws what `findSource` does, and for another DuckDB. */
async function findDescribed(database: Database, source: RatingsSource): Promise<FoundSource> {
  await checkEngine(database, source);
  const { files, sql, engine: _, contents: _contents, ...options } = source;
  const place = sql === undefined ? { files: files ?? [] } : { sql };
  return findSource(database, place, options);
}

async function sort(
  database: Database,
  found: FoundSource,
  source: RatingsSource,
): Promise<BothSides> {
  const { contents } = source;
  const { name } = found.relation;
  const entries = await scanEntries(database, found);
  expectSame(name, 'rows', entries.count, contents.rows);
  await numberRows(database, found);
  for (const side of ['user', 'item'] as const) {
    const [{ count } = { count: 0 }] = await database.rows(
      `SELECT count(*) AS count FROM ${side}s`,
    );
    expectSame(name, `${side}s`, Number(count), contents[`${side}s`]);
  }
  const sorted = await sortBothSides(database, found, entries, source);
  if (sorted.digest === contents.digest) return sorted;
  throw differentSource(name, 'other ratings', 'the same ratings', contents);
}

async function checkEngine(database: Database, { engine }: RatingsSource): Promise<void> {
  const own = await engineVersion(database);
  if (own === engine) return;
  throw new SourceError(
    'ERR_DIFFERENT_SOURCE',
    `found DuckDB ${own}; expected ${engine}, which the supervisor has; install the same version`,
  );
}

/** DuckDB refuses such files as well, but checks would read them first. */
function checkPath(path: string, folders: readonly string[]): void {
  const isInside = folders.some((folder) => {
    const way = relative(folder, path);
    return resolve(path) === path && way !== '' && !way.startsWith('..');
  });
  if (isInside) return;
  throw new SourceError(
    'ERR_FORBIDDEN_SOURCE',
    `found ${path} asked for; expected a file in the data folders of this worker, ` +
      `${folders.join(', ')}; move it there, or start the worker with its folder as --data`,
  );
}
