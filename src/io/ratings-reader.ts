import { relative, resolve } from 'node:path';
import { SourceError } from '../errors.js';
import type { RatingsSource, SourceContents } from '../ratings/described-ratings.js';
import type { Side } from '../ratings/ratings.js';
import type { SparseRows } from '../ratings/sparse-rows.js';
import { CodedEntries, type RowRange } from './coded-entries.js';
import type { Database } from './database.js';
import { engineVersion, leanSettings, openDatabase } from './duckdb.js';
import { type FoundSource, findSource, makeEntries } from './entry-tables.js';
import { numberRows } from './numbered-ids.js';

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
  const database = await openDatabase(closing.signal, { ...leanSettings(threads), folders });
  let coding: Promise<CodedEntries> | undefined;
  let found: FoundSource;
  try {
    await checkEngine(database, source);
    const { files, sql, engine: _engine, contents: _contents, ...options } = source;
    const place = sql === undefined ? { files: files ?? [] } : { sql };
    found = await findSource(database, place, options);
  } catch (error) {
    await database.close();
    throw error;
  }
  const { contents } = source;
  const queue: Wanted[] = [];
  let serving: Promise<void> | undefined;
  /** Requests for rows of one side are read together, because every query reads the whole table. */
  const serve = async (): Promise<void> => {
    coding ??= code(database, found, source);
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const coded = await coding.catch((error: Error) => error);
      const { side } = first;
      const wanted = takeSide(queue, side);
      if (coded instanceof Error) {
        for (const { reject } of wanted) reject(coded);
        continue;
      }
      const columnCount = contents[side === 'user' ? 'items' : 'users'];
      try {
        await coded.blocks(side, wanted, columnCount, (at, rows) => wanted[at]!.resolve(rows));
      } catch (error) {
        for (const { reject } of wanted) reject(error);
      }
    }
    serving = undefined;
  };
  return {
    rows: (side, first, end) =>
      new Promise((resolve, reject) => {
        queue.push({ side, first, end, resolve, reject });
        serving ??= serve();
      }),
    async close() {
      closing.abort();
      await serving;
      await database.close();
    },
  };
}

/** Rows of a pending request. */
interface Wanted extends RowRange {
  readonly side: Side;
  readonly resolve: (rows: SparseRows) => void;
  readonly reject: (error: unknown) => void;
}

/** Takes what is wanted of a side out of the queue, in the order of the rows, each row once. */
function takeSide(queue: Wanted[], side: Side): Wanted[] {
  const ofSide = queue.filter((wanted) => wanted.side === side).sort((a, b) => a.first - b.first);
  let end = 0;
  const taken = ofSide.filter((wanted) => {
    if (wanted.first < end) return false;
    end = wanted.end;
    return true;
  });
  const rest = queue.filter((wanted) => !taken.includes(wanted));
  queue.splice(0, queue.length, ...rest);
  return taken;
}

async function code(
  database: Database,
  found: FoundSource,
  { duplicates, contents }: RatingsSource,
): Promise<CodedEntries> {
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
