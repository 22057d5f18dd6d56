import { countDuplicates, mergeDuplicates } from '../../ratings/merge-duplicates.js';
import type { DuplicatesPolicy } from '../../ratings/ratings.js';
import type { SparseRows } from '../../ratings/sparse-rows.js';
import type { Database, NumberColumn, NumberRows } from '../database.js';
import type { FoundSource } from '../entry-tables.js';
import { readCounts } from '../numbered-ids.js';
import { Buckets, planBuckets } from './buckets.js';
import { recordWords, sortRecords } from './sort-records.js';
import { SpillFile } from './spill-file.js';

/** Entries that are joined with their ids at once. */
const minRange = 2 ** 21;
const maxRange = 2 ** 23;

/** Rows of a chunk of DuckDB, at most. */
const chunkRows = 2048;

/** Rows of some users, complete, with duplicates merged. */
export interface UserBatch {
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
 * Passes the rows of all users on, in their order, a batch of some a quarter of a million entries at a time. Needs
 * the tables of `makeEntries` and `numberRows`, and drops `entries`. Rows have the same bits as
 * `buildRatings` makes them.
 *
 *     entries ──► records by bucket of users, on disk ──► a bucket at a time, sorted ──► batch
 */
export async function eachUserBatch(
  database: Database,
  { timed }: FoundSource,
  policy: DuplicatesPolicy,
  onBatch: (batch: UserBatch) => void | Promise<void>,
): Promise<void> {
  const counts = await readCounts(database, 'user');
  const { length: columnCount } = await readCounts(database, 'item');
  // Other policies do not depend on the order.
  const isPlaced = policy === 'last';
  const isTimed = isPlaced && timed;
  const width = recordWords[isTimed ? 'timed' : isPlaced ? 'placed' : 'plain'];
  const fields = `rating${isPlaced ? ', entries.rowid::UINTEGER' : ''}${isTimed ? ', rated_at' : ''}`;
  const buckets = new Buckets(
    planBuckets(counts),
    width,
    new SpillFile('entries-of-users', () => database.scratch()),
  );
  try {
    const chunks = new ChunkRecords(width);
    await eachRange(database, counts.length + columnCount, fields, (columns, count) =>
      buckets.append(chunks.of(columns, count)),
    );
    await database.run('DROP TABLE entries');

    const { starts } = buckets.plan;
    for (let bucket = 0; bucket + 1 < starts.length; bucket++) {
      database.signal?.throwIfAborted();
      const [first, end] = [starts[bucket]!, starts[bucket + 1]!];
      const records = await buckets.take(bucket);
      const rows = sortRecords(records, width, { first, end, columnCount });
      const { count, first: pair } = countDuplicates(rows);
      const merged = () => mergeDuplicates({ rows, timestamps: undefined }, policy).rows;
      await onBatch({
        first,
        rows: count === 0 ? rows : merged(),
        duplicates: count,
        duplicate: pair && [first + pair[0], pair[1]],
      });
    }
  } finally {
    await buckets.remove();
  }
}

/**
 * Rows and columns of all entries, and more fields, a range of the entries at a time: DuckDB makes a
 * whole result by all cores, a stream by one, and makes the next one while this one is taken.
 */
async function eachRange(
  database: Database,
  idCount: number,
  fields: string,
  onChunk: Parameters<NumberRows['fetch']>[0],
): Promise<void> {
  const [{ total } = { total: 0 }] = await database.rows('SELECT count(*) AS total FROM entries');
  // Every range reads all ids.
  const length = Math.min(Math.max(2 * idCount, minRange), maxRange);
  const read = (from: number) =>
    database.numbers(
      `SELECT users.rowid::UINTEGER, items.rowid::UINTEGER, ${fields} FROM entries ` +
        'JOIN users ON users.key = user_id JOIN items ON items.key = item_id ' +
        `WHERE entries.rowid >= ${from} AND entries.rowid < ${from + length}`,
    );
  let next = read(0);
  for (let from = 0; from < Number(total); from += length) {
    const numbers = await next;
    if (from + length < Number(total)) next = read(from + length);
    // Its failure is seen when it is waited for.
    next.catch(() => {});
    await numbers.fetch(onChunk);
  }
}

/** Columns of chunks as records. */
class ChunkRecords {
  readonly #width: number;
  readonly #integers = new Uint32Array(chunkRows);
  readonly #ratings = new Float32Array(chunkRows);
  readonly #times = new Float64Array(chunkRows);
  #records: Uint32Array;

  constructor(width: number) {
    this.#width = width;
    this.#records = new Uint32Array(chunkRows * width);
  }

  /** Valid until the next call. */
  of([rows, columns, ratings, places, times]: readonly NumberColumn[], count: number): Uint32Array {
    // DuckDB's arrays are copied first: reading them one by one is far slower.
    this.#put(0, rows!);
    this.#put(1, columns!);
    this.#ratings.set(ratings!);
    this.#putWords(2, 1, new Uint32Array(this.#ratings.buffer), count);
    if (places !== undefined) this.#put(3, places);
    if (times !== undefined) {
      this.#times.set(times);
      this.#putWords(4, 2, new Uint32Array(this.#times.buffer), count);
    }
    return this.#records.subarray(0, count * this.#width);
  }

  #put(word: number, column: NumberColumn): void {
    this.#integers.set(column);
    this.#putWords(word, 1, this.#integers, column.length);
  }

  #putWords(word: number, size: number, words: Uint32Array, count: number): void {
    const records = this.#records;
    for (let part = 0; part < size; part++) {
      let to = word + part;
      for (let at = part; at < size * count; at += size, to += this.#width) {
        records[to] = words[at]!;
      }
    }
  }
}
