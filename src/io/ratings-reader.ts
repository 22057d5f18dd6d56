import { relative, resolve } from 'node:path';
import { SourceError } from '../errors.js';
import type { RatingsSource, SourceContents } from '../ratings/described-ratings.js';
import type { Side } from '../ratings/ratings.js';
import type { SparseRows } from '../ratings/sparse-rows.js';
import type { Database } from './database.js';
import { engineVersion, leanSettings, openDatabase, settingsBeforeParts } from './duckdb.js';
import { type FoundSource, findSource, makeEntries } from './entry-tables.js';
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
 * Opens a source that was described, and reports faults that show before it is read. If `folders` are
 * given, others described it and its SQL is not trusted: it reads files there only, and writes none.
 *
 * Throws `SourceError`, `ColumnError` or `InvalidOptionError`.
 *
 * @param folders absolute paths; undefined for a source that this process has described
 * @param threads that DuckDB may take
 */
export async function openRatingsReader(
  source: RatingsSource,
  folders: readonly string[] | undefined,
  threads?: number,
): Promise<RatingsReader> {
  const closing = new AbortController();
  if (folders !== undefined) for (const path of source.files ?? []) checkPath(path, folders);
  const settings = folders === undefined ? settingsBeforeParts() : leanSettings(threads);
  const database = await openDatabase(closing.signal, { ...settings, folders });
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
export async function findDescribed(
  database: Database,
  source: RatingsSource,
): Promise<FoundSource> {
  await checkEngine(database, source);
  const { files, sql, engine: _, contents: _contents, withheld: _withheld, ...options } = source;
  const place = sql === undefined ? { files: files ?? [] } : { sql };
  return findSource(database, place, options);
}

/** Makes the tables of `makeEntries` and `numberRows`. Throws `SourceError` for other data. */
export async function readDescribed(
  database: Database,
  found: FoundSource,
  { contents }: RatingsSource,
): Promise<void> {
  const { name } = found.relation;
  const { count: rows } = await makeEntries(database, found);
  expectSame(name, 'rows', rows, contents.rows);
  await numberRows(database, found);
  for (const side of ['user', 'item'] as const) {
    const [{ count } = { count: 0 }] = await database.rows(
      `SELECT count(*) AS count FROM ${side}s`,
    );
    expectSame(name, `${side}s`, Number(count), contents[`${side}s`]);
  }
}

/** Throws `SourceError` unless the ratings that were read have the digest of those described. */
export function checkDigest(
  { relation }: FoundSource,
  digest: string,
  { contents }: RatingsSource,
): void {
  if (digest === contents.digest) return;
  throw different(relation.name, 'other ratings', 'the same ratings', contents);
}

async function sort(
  database: Database,
  found: FoundSource,
  source: RatingsSource,
): Promise<BothSides> {
  await readDescribed(database, found, source);
  const sorted = await sortBothSides(database, found, source);
  checkDigest(found, sorted.digest, source);
  return sorted;
}

function expectSame(name: string, what: string, found: number, expected: number): void {
  if (found !== expected) throw different(name, `${found} ${what}`, `${expected}`);
}

function different(
  name: string,
  found: string,
  expected: string,
  contents?: SourceContents,
): SourceError {
  const order = contents?.isOrdered
    ? "; the order of the rows decides between duplicates here, so an SQL query needs ORDER BY, or duplicates other than 'last'"
    : '';
  return new SourceError(
    'ERR_DIFFERENT_SOURCE',
    `found ${found} in ${name}; expected ${expected}, as were found there before; ` +
      `check that the file stays, and that every machine sees the same${order}`,
  );
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
