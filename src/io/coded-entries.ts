import { countDuplicates, mergeDuplicates } from '../ratings/merge-duplicates.js';
import type { DuplicatesPolicy, Side } from '../ratings/ratings.js';
import type { SparseRows } from '../ratings/sparse-rows.js';
import type { Database } from './database.js';
import { EntryBuffer } from './entry-buffer.js';
import type { FoundSource } from './entry-tables.js';

/** Entries of one batch: 12 MiB. */
const batchEntries = 2 ** 20;

/** Rows `first` … `end` − 1. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** Rows of one side, complete, with duplicates merged. */
export interface RowBatch {
  /** The first of them. */
  readonly first: number;
  /** From `first` on. In memory of their own. */
  readonly rows: SparseRows;
  /** Entries that were merged away. */
  readonly duplicates: number;
  /** Row (of all) and column of one of them. */
  readonly duplicate: readonly [number, number] | undefined;
}

/**
 * A source's ratings in DuckDB, by row and column; DuckDB spills them to disk. Whole rows have the
 * same bits as `buildRatings` makes them.
 *
 *     coded   user_row, item_row, rating, place, rated_at    place = input order
 */
export class CodedEntries {
  readonly #database: Database;
  readonly #policy: DuplicatesPolicy;
  readonly #timed: boolean;

  private constructor(database: Database, policy: DuplicatesPolicy, timed: boolean) {
    this.#database = database;
    this.#policy = policy;
    this.#timed = timed;
  }

  /** Makes the table from those of `makeEntries` and `numberRows`, and drops `entries`. */
  static async make(
    database: Database,
    { timed }: FoundSource,
    policy: DuplicatesPolicy,
  ): Promise<CodedEntries> {
    await database.run(
      'CREATE TEMP TABLE coded AS SELECT users.rowid::UINTEGER AS user_row, ' +
        'items.rowid::UINTEGER AS item_row, rating, entries.rowid::UINTEGER AS place' +
        `${timed ? ', rated_at' : ''} FROM entries ` +
        'JOIN users ON users.key = user_id JOIN items ON items.key = item_id',
    );
    await database.run('DROP TABLE entries');
    return new CodedEntries(database, policy, timed);
  }

  /**
   * Passes the rows of some blocks to `onBlock`, each as soon as it is whole.
   *
   * @param blocks of a side with `columnCount` columns, ascending, without common rows
   * @param onBlock receives the rows of a block and its index in `blocks`
   */
  async blocks(
    side: Side,
    blocks: readonly RowRange[],
    columnCount: number,
    onBlock: (at: number, rows: SparseRows) => void,
  ): Promise<void> {
    const { row } = columnsOf(side);
    const conditions = blocks.map(({ first, end }) => `${row} >= ${first} AND ${row} < ${end}`);
    const numbers = await this.#database.numberStream(this.#query(side, conditions.join(' OR ')));
    const buffer = new EntryBuffer(columnCount);
    let at = 0;
    const takeUpTo = (row: number): void => {
      for (; at < blocks.length && blocks[at]!.end <= row; at++) {
        const { first, end } = blocks[at]!;
        const timed = { rows: buffer.take(first, end), timestamps: undefined };
        onBlock(at, mergeDuplicates(timed, this.#policy).rows);
      }
    };
    await numbers.fetch(([rows, columns, ratings], count) => {
      buffer.append(rows!, columns!, ratings!, count);
      takeUpTo(buffer.lastRow);
    });
    takeUpTo(Number.POSITIVE_INFINITY);
  }

  /** Passes all rows of the users on, in their order, a batch at a time. */
  async eachBatch(
    rowCount: number,
    columnCount: number,
    onBatch: (batch: RowBatch) => void,
  ): Promise<void> {
    const buffer = new EntryBuffer(columnCount);
    let first = 0;
    const take = (end: number): void => {
      const rows = buffer.take(first, end);
      const { count, first: pair } = countDuplicates(rows);
      const timed = { rows, timestamps: undefined };
      onBatch({
        first,
        rows: count === 0 ? rows : mergeDuplicates(timed, this.#policy).rows,
        duplicates: count,
        duplicate: pair && [first + pair[0], pair[1]],
      });
      first = end;
    };
    const numbers = await this.#database.numberStream(this.#query('user'));
    await numbers.fetch(([rows, columns, ratings], count) => {
      buffer.append(rows!, columns!, ratings!, count);
      // The last row may go on in the next chunk.
      if (buffer.length >= batchEntries && buffer.lastRow > first) take(buffer.lastRow);
    });
    take(rowCount);
  }

  /** Hashes that two tables share only if users, items and ratings are the same. */
  async digest(isOrdered: boolean): Promise<string> {
    const [{ users, items, ratings } = {}] = await this.#database.rows(
      'SELECT (SELECT sum(hash(rowid, id))::VARCHAR FROM users) AS users, ' +
        '(SELECT sum(hash(rowid, id))::VARCHAR FROM items) AS items, ' +
        `(SELECT sum(hash(user_row, item_row, rating${this.#timed ? ', rated_at' : ''}` +
        `${isOrdered ? ', place' : ''}))::VARCHAR FROM coded) AS ratings`,
    );
    return `${users}.${items}.${ratings}`;
  }

  /** By row, then column, then in the order that decides between duplicates. */
  #query(side: Side, condition = 'true'): string {
    const { row, column } = columnsOf(side);
    const time = this.#timed && this.#policy === 'last' ? 'rated_at, ' : '';
    return (
      `SELECT ${row}, ${column}, rating FROM coded WHERE ${condition} ` +
      `ORDER BY ${row}, ${column}, ${time}place`
    );
  }
}

function columnsOf(side: Side): { readonly row: string; readonly column: string } {
  return side === 'user'
    ? { row: 'user_row', column: 'item_row' }
    : { row: 'item_row', column: 'user_row' };
}
