import { InvalidOptionError, SeesawError, SourceError, TooFewRatingsError } from '../errors.js';
import type { Provenance, SkippedRows } from '../ratings/ratings.js';
import { checkEntries, findBadRow, isUsable } from './check-entries.js';
import { checkWhere } from './check-where.js';
import { isNumber, isTime } from './column-types.js';
import type { Database } from './database.js';
import { exactTypes } from './exact-types.js';
import { emptyFile } from './expand-path.js';
import { findColumns, type RatingColumnsFound } from './guess-columns.js';
import type { ReadOptions } from './read-options.js';
import { openRelation, type Source } from './relation.js';
import type { Relation } from './relation-contract.js';
import { type Selection, selectEntries, timeText } from './select-entries.js';
import { identifier, reasonOf } from './sql-text.js';
import { findTimeFormat, type TimeFormat } from './time-format.js';
import { isForbidden, unreadableSource } from './unreadable-source.js';

/*
 * Three tables in DuckDB lead from a source to ratings:
 *
 *     entries   user_id, item_id, rating, rated_at    one row a rating, rowid = input order
 *     users     key, n                                by falling count, rowid = position
 *     items     key, n
 *
 * The views `user_ids` and `item_ids` have row, id and n of them: the key, or the integer that it means.
 */

/** A source that can be read, with a column for each role. */
export interface FoundSource extends Selection {
  /** Whether entries have a time. */
  readonly timed: boolean;
  /** Whether bad rows are left out. */
  readonly skipBadRows: boolean;
  /** Rows before the condition; undefined without one. */
  readonly rowCount: number | undefined;
}

/** Entries that were read. */
export interface EntriesRead {
  /** > 0. */
  readonly count: number;
  readonly provenance: Provenance;
}

/** Looks at a source without reading it. Throws what `readRatings` does. */
export async function findSource(
  database: Database,
  source: Source,
  options: ReadOptions,
): Promise<FoundSource> {
  const { user, item, rating, timestamp, where, skipBadRows = false } = options;
  const named = [user, item, rating, timestamp].filter((name) => typeof name === 'string');
  const relation = await openRelation(database, source, { ...options, columns: named });
  const columns = findColumns(relation.columns, options);
  const bare = { relation, columns, where, whereTypes: [], timeFormat: undefined };
  if (where !== undefined) await checkWhere(database, where);
  try {
    const timeFormat = await timeFormatOf(database, bare);
    const hinted = {
      ...bare,
      timeFormat,
      whereTypes: relation.columns.filter(({ isText }) => isText),
    };
    await tryWhere(database, relation, selectEntries(hinted), where);
    const seen = await whereTypesOf(database, hinted);
    return { ...hinted, ...seen, timed: columns.timestamp !== undefined, skipBadRows };
  } catch (cause) {
    throw await explain(database, bare, cause);
  }
}

/**
 * Makes the table `entries` and checks it. Throws what `readRatings` does.
 *
 * @returns what it holds
 */
export function makeEntries(database: Database, found: FoundSource): Promise<EntriesRead> {
  return makeEntriesBy(database, found, 'TABLE', (name) =>
    database.run(`CREATE TEMP TABLE ${name} AS ${selectColumns(found, selectEntries(found))}`),
  );
}

/** SQL for the columns that entries have, of what `selectEntries` gave. */
export function selectColumns({ timed }: FoundSource, selected: string): string {
  return `SELECT * ${timed ? '' : 'EXCLUDE (rated_at)'} FROM (${selected})`;
}

/**
 * Makes `entries`, a table or a view, and checks it.
 *
 * @param make makes the table or view of this name, with bad rows
 */
export async function makeEntriesBy(
  database: Database,
  found: FoundSource,
  kind: 'TABLE' | 'VIEW',
  make: (name: string) => Promise<void>,
): Promise<EntriesRead> {
  const { relation, timed, skipBadRows, where, columns } = found;
  const table = skipBadRows ? 'rows_read' : 'entries';
  try {
    const expected = await relation.text?.countRows();
    const create = make(table);
    await Promise.all([create, relation.checkWhole?.()]).catch(async (cause: unknown) => {
      await create.catch(() => undefined);
      throw cause;
    });
    if (expected !== undefined) await checkCount(database, found, table, expected);
    let rows: SkippedRows | undefined;
    if (skipBadRows) {
      await database.run(
        `CREATE TEMP ${kind} entries AS SELECT * FROM rows_read WHERE ${isUsable(timed)}`,
      );
      rows = await withUnusable(database, found);
      if (kind === 'TABLE') await database.run('DROP TABLE rows_read');
    }
    const count = await checkEntries(database, found);
    if (count === 0) throw noEntries(relation, where);
    return {
      count,
      provenance: { columns: columnsRead(relation, columns), ...(rows && { skippedRows: rows }) },
    };
  } catch (cause) {
    throw await explain(database, found, cause);
  }
}

/** What the columns of a source were read as. */
function columnsRead({ columns }: Relation, found: RatingColumnsFound): Provenance['columns'] {
  const { user, item, rating, timestamp } = found;
  const read = [user, item, rating, timestamp];
  return {
    user: user.name,
    item: item.name,
    ...(rating && { rating: rating.name }),
    ...(timestamp && { timestamp: timestamp.name }),
    unread: columns.filter((column) => !read.includes(column)).map(({ name }) => name),
  };
}

/** Compares the rows that were read with those that are there. Throws `SourceError`. */
async function checkCount(
  database: Database,
  { relation, where, rowCount }: FoundSource,
  table: string,
  expected: number,
): Promise<void> {
  const read = where === undefined ? await countOf(database, table) : rowCount;
  if (read === expected) return;
  const error = await relation.text?.badLine();
  throw error ?? miscounted(relation.name, read ?? 0, expected);
}

async function countOf(database: Database, from: string): Promise<number> {
  return Number((await database.column(`SELECT count(*) FROM ${from}`))[0]);
}

function miscounted(name: string, read: number, expected: number): SourceError {
  return new SourceError(
    'ERR_UNREADABLE_SOURCE',
    `found ${expected} lines with fields in ${name}, of which ${read} were read as rows; expected all; ` +
      'try the options delimiter and header, or skipBadRows: true, which reads line by line',
    { file: name },
  );
}

/** Lines that are no rows, and rows of the table `rows_read` that are no ratings. */
async function withUnusable(database: Database, found: FoundSource): Promise<SkippedRows> {
  const { count: bad, first } = found.relation.text?.skipped ?? { count: 0, first: undefined };
  const fault = `NOT (${isUsable(found.timed)})`;
  const count = await countOf(database, `rows_read WHERE ${fault}`);
  if (count === 0) return { count: bad, first };
  const unusable = await findBadRow(database, found, fault);
  // Bad rows are left out of CSV alone, whose rows have lines.
  const at = unusable?.at;
  return { count: bad + count, first: first ?? (at && 'line' in at ? at : undefined) };
}

/** An error of DuckDB as one of this package, which names the line at fault if there is one. */
export async function explain(
  { signal }: Pick<Database, 'signal'>,
  { relation }: Pick<Selection, 'relation'>,
  cause: unknown,
): Promise<unknown> {
  // An interrupted query says nothing about the source, and looking for a bad line may take long.
  if (signal?.aborted) return signal.reason;
  if (cause instanceof SeesawError) return cause;
  if (isForbidden(reasonOf(cause))) return unreadableSource(relation.name, cause);
  try {
    await (relation.text?.countRows() ?? relation.checkWhole?.());
    const error = await (relation.text?.badLine() ?? relation.badColumn?.());
    return error ?? unreadableSource(relation.name, cause);
  } catch (damage) {
    return damage instanceof SeesawError ? damage : unreadableSource(relation.name, cause);
  }
}

/**
 * Types that the condition sees: those of all values. If the condition does not fit them, those of
 * the first values, so that a value of another type becomes an error.
 */
async function whereTypesOf(database: Database, hinted: Selection) {
  const { relation, where, whereTypes: hints } = hinted;
  const hasLines = relation.text !== undefined;
  if (where === undefined || (!hasLines && hints.length === 0)) {
    return { whereTypes: [], rowCount: undefined };
  }
  await relation.text?.countRows();
  const from = relation.from();
  const { columns: whereTypes, rowCount } = await exactTypes(database, from, hints, where);
  const fits = await tryWhere(
    database,
    relation,
    selectEntries({ ...hinted, whereTypes }),
    where,
  ).then(
    () => true,
    () => false,
  );
  return { whereTypes: fits ? whereTypes : hints, rowCount };
}

async function timeFormatOf(
  database: Database,
  { relation, columns: { timestamp } }: Selection,
): Promise<TimeFormat | undefined> {
  if (timestamp === undefined) return undefined;
  if (!timestamp.isText && (isNumber(timestamp) || isTime(timestamp))) return undefined;
  const text = timeText(timestamp, identifier(timestamp.name));
  return findTimeFormat(database, relation, text, timestamp);
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
    if (isForbidden(reason)) throw unreadableSource(name, cause);
    throw new InvalidOptionError('where', where, `an SQL condition on the columns (${reason})`);
  }
}

function noEntries(relation: Relation, where: string | undefined): Error {
  return relation.isFile && where === undefined
    ? emptyFile(relation.name)
    : new TooFewRatingsError(0, 0, 0);
}
