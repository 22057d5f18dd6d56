import { InvalidOptionError, TooFewRatingsError } from '../errors.js';
import { type Id, type IdVocabulary, listedIds } from '../ratings/id-vocabulary.js';
import type { Side } from '../ratings/ratings.js';
import { checkEntries } from './check-entries.js';
import { checkWhere } from './check-where.js';
import type { Database } from './duckdb.js';
import { emptyFile } from './expand-path.js';
import { findColumns, type RatingColumnsFound } from './guess-columns.js';
import type { ReadOptions } from './read-options.js';
import { isForbidden, openRelation, type Relation, type Source, unreadable } from './relation.js';
import { selectEntries } from './select-entries.js';
import { reasonOf } from './sql-text.js';

/*
 * Three tables in DuckDB lead from a source to ratings:
 *
 *     entries   user_id, item_id, rating, rated_at    one row a rating, rowid = input order
 *     users     key, id                               by falling count, rowid = position
 *     items     key, id
 */

/** A source that can be read, with a column for each role. */
export interface FoundSource {
  readonly relation: Relation;
  readonly columns: RatingColumnsFound;
  readonly where: string | undefined;
  /** Whether entries have a time. */
  readonly timed: boolean;
}

/** Looks at a source without reading it. Throws what `readRatings` does. */
export async function findSource(
  database: Database,
  source: Source,
  options: ReadOptions,
): Promise<FoundSource> {
  const relation = await openRelation(database, source, { network: options.network });
  const columns = findColumns(relation.columns, options);
  const { where } = options;
  if (where !== undefined) await checkWhere(database, where);
  await tryWhere(database, relation, selectEntries(relation, columns, where), where);
  return { relation, columns, where, timed: columns.timestamp !== undefined };
}

/**
 * Makes the table `entries` and checks it. Throws what `readRatings` does.
 *
 * @returns its number of rows, > 0
 */
export async function makeEntries(
  database: Database,
  { relation, columns, where, timed }: FoundSource,
): Promise<number> {
  const select = selectEntries(relation, columns, where);
  const dropped = timed ? '' : 'EXCLUDE (rated_at)';
  try {
    await database.run(`CREATE TEMP TABLE entries AS SELECT * ${dropped} FROM (${select})`);
  } catch (cause) {
    throw unreadable(relation.name, cause);
  }
  const count = await checkEntries(database, { relation, columns, where });
  if (count === 0) throw noEntries(relation, where);
  return count;
}

/** Makes the tables `users` and `items`: ids by falling count of their entries, ties by the ids. */
export async function numberRows(database: Database, { relation }: FoundSource): Promise<void> {
  for (const side of ['user', 'item'] as const) {
    await database.run(
      `CREATE TEMP TABLE ${side}_counts AS ` +
        `SELECT ${side}_id AS key, count(*) AS n FROM entries GROUP BY 1`,
    );
    const [{ whole } = { whole: false }] = relation.isCsv
      ? await database.rows(
          `SELECT bool_and(coalesce(TRY_CAST(key AS HUGEINT)::VARCHAR = key, false)) AS whole ` +
            `FROM ${side}_counts`,
        )
      : [];
    await database.run(
      `CREATE TEMP TABLE ${side}s AS ` +
        `SELECT key, ${whole ? 'key::HUGEINT' : 'key'} AS id FROM ${side}_counts ORDER BY n DESC, id`,
    );
  }
}

/** The ids of a side that has been numbered. */
export async function readIds(database: Database, side: Side): Promise<IdVocabulary> {
  const ids = await database.column(`SELECT id FROM ${side}s ORDER BY rowid`);
  return listedIds(ids.map(idOf));
}

function idOf(id: unknown): Id {
  if (typeof id !== 'bigint') return typeof id === 'number' ? id : String(id);
  return id >= Number.MIN_SAFE_INTEGER && id <= Number.MAX_SAFE_INTEGER ? Number(id) : id;
}

async function tryWhere(
  database: Database,
  { name }: Relation,
  select: string,
  where: string | undefined,
): Promise<void> {
  if (where === undefined) return;
  try {
    await database.rows(`SELECT * FROM (${select}) LIMIT 0`);
  } catch (cause) {
    const reason = reasonOf(cause);
    if (isForbidden(reason)) throw unreadable(name, cause);
    throw new InvalidOptionError('where', where, `an SQL condition on the columns (${reason})`);
  }
}

function noEntries(relation: Relation, where: string | undefined): Error {
  return relation.isFile && where === undefined
    ? emptyFile(relation.name)
    : new TooFewRatingsError(0, 0, 0);
}
