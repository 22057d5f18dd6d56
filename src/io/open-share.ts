import { relative, resolve } from 'node:path';
import { SourceError } from '../errors.js';
import type { RatingsSource, SourceContents } from '../ratings/described-ratings.js';
import type { Side } from '../ratings/ratings.js';
import type { SparseRows } from '../ratings/sparse-rows.js';
import { CodedEntries } from './coded-entries.js';
import { type Database, engineVersion, openDatabase } from './duckdb.js';
import { type FoundSource, findSource, makeEntries, numberRows } from './entry-tables.js';

/** MiB that DuckDB may take on a worker; the rest of a large source waits on disk. */
const sharingMemory = 512;

/** A source that others described, as a worker reads it. */
export interface RatingsShare {
  /**
   * Ratings of the rows `first` … `end` − 1 of a side. The first call reads the source. Rejects with
   * `SourceError` if it is not the one that was described, or with what reading it throws.
   */
  rows(side: Side, first: number, end: number): Promise<SparseRows>;
  /** Interrupts what is under way and deletes what it has put on disk. */
  close(): Promise<void>;
}

/**
 * Looks at a source that others described, so that what can be known early is told early. SQL in it
 * is not trusted: it reads files in `folders` only, and writes none.
 *
 * Throws `SourceError`, `ColumnError` or `InvalidOptionError`.
 *
 * @param folders absolute paths
 * @param threads that DuckDB may take
 */
export async function openShare(
  source: RatingsSource,
  folders: readonly string[],
  threads?: number,
): Promise<RatingsShare> {
  const closing = new AbortController();
  for (const path of source.files ?? []) checkPath(path, folders);
  const database = await openDatabase(closing.signal, { memory: sharingMemory, threads, folders });
  let coding: Promise<CodedEntries> | undefined;
  let found: FoundSource;
  try {
    await checkEngine(database, source);
    const { files, sql, user, item, rating, timestamp, where } = source;
    const place = sql === undefined ? { files: files ?? [] } : { sql };
    found = await findSource(database, place, { user, item, rating, timestamp, where });
  } catch (error) {
    await database.close();
    throw error;
  }
  const { users, items } = source.contents;
  /** One query after the other: each waits in a thread of Node's pool. */
  let last: Promise<unknown> = Promise.resolve();
  return {
    rows(side, first, end) {
      coding ??= code(database, found, source);
      const reading = Promise.all([coding, last]).then(([coded]) =>
        coded.block(side, first, end, side === 'user' ? items : users),
      );
      last = reading.catch(() => {});
      return reading;
    },
    async close() {
      closing.abort();
      await coding?.catch(() => {});
      await last;
      await database.close();
    },
  };
}

async function code(
  database: Database,
  found: FoundSource,
  { duplicates, contents }: RatingsSource,
): Promise<CodedEntries> {
  const { name } = found.relation;
  const rows = await makeEntries(database, found);
  expectSame(name, 'rows', rows, contents.rows);
  await numberRows(database, found);
  for (const side of ['user', 'item'] as const) {
    const [{ count } = { count: 0 }] = await database.rows(
      `SELECT count(*) AS count FROM ${side}s`,
    );
    expectSame(name, `${side}s`, Number(count), contents[`${side}s`]);
  }
  const coded = await CodedEntries.make(database, found, duplicates);
  const digest = await coded.digest(contents.isOrdered);
  if (digest === contents.digest) return coded;
  throw different(name, 'other ratings', 'the same ratings', contents);
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
    `found ${found} in ${name}; expected ${expected}, as the supervisor found there; ` +
      `check that every machine sees the same file${order}`,
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

/** DuckDB refuses such files as well, but first they would be looked at. */
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
