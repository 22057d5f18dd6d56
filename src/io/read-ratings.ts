import { Arena } from '../arena.js';
import { InvalidOptionError, TooFewRatingsError } from '../errors.js';
import { buildRatings } from '../ratings/build-ratings.js';
import { type Id, type IdVocabulary, listedIds } from '../ratings/id-vocabulary.js';
import { resolveDuplicates } from '../ratings/merge-duplicates.js';
import type { DuplicatesPolicy, Ratings, Side } from '../ratings/ratings.js';
import { checkEntries } from './check-entries.js';
import { type Database, openDatabase } from './duckdb.js';
import { findColumns } from './guess-columns.js';
import { emptyFile, openRelation, type Relation, type Source, unreadable } from './relation.js';
import { selectEntries } from './select-entries.js';
import { reasonOf } from './sql-text.js';

/** Which columns and rows to read, and what to do about pairs that occur more than once. */
export interface ReadOptions {
  /** Column of user ids, text or integers. Guessed from usual names, like the other three. */
  readonly user?: string | undefined;
  readonly item?: string | undefined;
  /** Column of ratings. If there is none every rating is 1. */
  readonly rating?: string | undefined;
  /**
   * Column of times, dates or numbers: which of several ratings of a pair is the last, and what
   * splits by time go by. Dates become Unix seconds; a NULL is the earliest. `false`: leave it
   * unread, which saves 8 bytes a rating.
   */
  readonly timestamp?: string | false | undefined;
  /** SQL condition; only rows that meet it are read. */
  readonly where?: string | undefined;
  /** Default `last`, by timestamp if there is one, else in input order. */
  readonly duplicates?: DuplicatesPolicy | undefined;
}

const optionNames = ['user', 'item', 'rating', 'timestamp', 'where', 'duplicates'];

/**
 * Reads ratings from files or SQL. Ids are numbered by falling rating count, ties in the order of
 * the ids. They come back as numbers where the whole column holds integers (bigints beyond ±2⁵³),
 * else as strings.
 *
 * Throws `SourceError`, `ColumnError`, `InvalidIdError`, `InvalidRatingError`,
 * `DuplicateRatingError`, `TooFewRatingsError`, `InvalidOptionError` or `MemoryLimitError`, and the
 * signal's reason soon after it aborts.
 */
export async function readRatings(
  source: Source,
  options: ReadOptions = {},
  signal?: AbortSignal,
): Promise<Ratings> {
  checkOptions(options);
  const duplicates = resolveDuplicates(options.duplicates);
  const database = await openDatabase(signal);
  try {
    return await read(database, source, options, duplicates);
  } catch (error) {
    // An interrupted query fails with whatever DuckDB was at.
    signal?.throwIfAborted();
    throw error;
  } finally {
    await database.close();
  }
}

/**
 * Three tables in DuckDB lead to the entries:
 *
 *     entries   user_id, item_id, rating, rated_at    one row a rating, rowid = input order
 *     users     id                                    by falling count, rowid = position
 *     items     id
 */
async function read(
  database: Database,
  source: Source,
  options: ReadOptions,
  duplicates: DuplicatesPolicy,
): Promise<Ratings> {
  const relation = await openRelation(database, source);
  const columns = findColumns(relation.columns, options);
  const select = selectEntries(relation, columns, options.where);
  await checkWhere(database, select, options.where);
  const timed = columns.timestamp !== undefined;
  const dropped = timed ? '' : 'EXCLUDE (rated_at)';
  try {
    await database.run(`CREATE TEMP TABLE entries AS SELECT * ${dropped} FROM (${select})`);
  } catch (cause) {
    throw unreadable(relation.name, cause);
  }
  const count = await checkEntries(database, { relation, columns, where: options.where });
  if (count === 0) throw noEntries(relation, source, options.where);

  const arena = new Arena();
  // What `buildRatings` takes at its peak.
  arena.require(count * (timed ? 32 : 20));
  const userIds = await numberIds(database, 'user', relation.isCsv);
  const itemIds = await numberIds(database, 'item', relation.isCsv);
  const entries = await fetchEntries(database, arena, count, timed);
  return buildRatings({ arena, ...entries, userIds, itemIds, duplicates });
}

/** Makes the table of a side's ids and reads it. */
async function numberIds(database: Database, side: Side, isText: boolean): Promise<IdVocabulary> {
  await database.run(
    `CREATE TEMP TABLE ${side}_counts AS ` +
      `SELECT ${side}_id AS key, count(*) AS n FROM entries GROUP BY 1`,
  );
  const [{ whole } = { whole: false }] = isText
    ? await database.rows(
        `SELECT bool_and(coalesce(TRY_CAST(key AS HUGEINT)::VARCHAR = key, false)) AS whole ` +
          `FROM ${side}_counts`,
      )
    : [];
  await database.run(
    `CREATE TEMP TABLE ${side}s AS ` +
      `SELECT key, ${whole ? 'key::HUGEINT' : 'key'} AS id FROM ${side}_counts ORDER BY n DESC, id`,
  );
  const ids = await database.column(`SELECT id FROM ${side}s ORDER BY rowid`);
  return listedIds(ids.map(idOf));
}

/** Entries as positions, each at its place in input order, whatever order they come in. */
async function fetchEntries(database: Database, arena: Arena, count: number, timed: boolean) {
  const coded = await database.numbers(
    'SELECT entries.rowid::UINTEGER, users.rowid::UINTEGER, items.rowid::UINTEGER, rating' +
      `${timed ? ', rated_at' : ''} FROM entries ` +
      'JOIN users ON users.key = user_id JOIN items ON items.key = item_id',
  );
  await database.run('DROP TABLE entries');
  const users = arena.uint32(count);
  const items = arena.uint32(count);
  const ratings = arena.float32(count);
  const timestamps = timed ? arena.float64(count) : undefined;
  await coded.fetch(([places, user, item, rating, ratedAt], rowCount) => {
    for (let row = 0; row < rowCount; row++) {
      const at = places![row]!;
      users[at] = user![row]!;
      items[at] = item![row]!;
      ratings[at] = rating![row]!;
    }
    if (timestamps === undefined) return;
    for (let row = 0; row < rowCount; row++) timestamps[places![row]!] = ratedAt![row]!;
  });
  return { users, items, ratings, timestamps };
}

function idOf(id: unknown): Id {
  if (typeof id !== 'bigint') return typeof id === 'number' ? id : String(id);
  return id >= Number.MIN_SAFE_INTEGER && id <= Number.MAX_SAFE_INTEGER ? Number(id) : id;
}

async function checkWhere(database: Database, select: string, where: string | undefined) {
  if (where === undefined) return;
  try {
    await database.rows(`SELECT * FROM (${select}) LIMIT 0`);
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new InvalidOptionError('where', where, `an SQL condition on the columns (${reason})`);
  }
}

function noEntries(relation: Relation, source: Source, where: string | undefined): Error {
  return 'files' in source && where === undefined
    ? emptyFile(relation.name)
    : new TooFewRatingsError(0, 0, 0);
}

function checkOptions(options: ReadOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!optionNames.includes(name)) {
      throw new InvalidOptionError(name, value, `one of the options ${optionNames.join(', ')}`);
    }
    if (
      value !== undefined &&
      name !== 'duplicates' &&
      !(name === 'timestamp' && value === false) &&
      (typeof value !== 'string' || value === '')
    ) {
      const wanted = name === 'where' ? 'an SQL condition' : 'the name of a column';
      throw new InvalidOptionError(name, value, wanted);
    }
  }
}
