import {
  countDuplicates,
  mergeDuplicates,
  type TimedRows,
} from '../../ratings/merge-duplicates.js';
import type { DuplicatesPolicy } from '../../ratings/ratings.js';
import type { Database, NumberColumn } from '../database.js';
import { expectSame } from '../different-source.js';
import type { EntriesScanned } from '../entry-scans.js';
import type { FoundSource } from '../entry-tables.js';
import { readCounts } from '../numbered-ids.js';
import { Buckets, planBuckets } from './buckets.js';
import { recordWords, sortRecords } from './sort-records.js';
import { SpillFile } from './spill-file.js';

/** Rows of a chunk of DuckDB, at most. */
const chunkRows = 2048;

/** Rows of some users, complete, with duplicates merged. In memory of their own. */
export interface UserBatch extends TimedRows {
  /** The first of them. */
  readonly first: number;
  /** Entries that were merged away. */
  readonly duplicates: number;
  /** Row (of all) and column of one of them. */
  readonly duplicate: readonly [number, number] | undefined;
}

/**
 * Passes the rows of all users on, in their order, a batch of some a quarter of a million entries at a
 * time. Needs what `scanEntries` and `numberRows` made, and drops `entries`. Rows have the same bits as
 * `buildRatings` makes them.
 *
 *     entries ──► records by bucket of users, on disk ──► a bucket at a time, sorted ──► batch
 *
 * Throws `SourceError` if entries have changed since they were counted.
 */
export async function eachUserBatch(
  database: Database,
  { timed, relation }: FoundSource,
  entries: EntriesScanned,
  policy: DuplicatesPolicy,
  onBatch: (batch: UserBatch) => void | Promise<void>,
): Promise<void> {
  const counts = await readCounts(database, 'user');
  const { length: columnCount } = await readCounts(database, 'item');
  // Other policies do not depend on the order.
  const isPlaced = timed || policy === 'last';
  const width = recordWords[timed ? 'timed' : isPlaced ? 'placed' : 'plain'];
  const fields = `rating${isPlaced ? ', place::UINTEGER' : ''}${timed ? ', rated_at' : ''}`;
  const buckets = new Buckets(
    planBuckets(counts),
    width,
    new SpillFile('entries-of-users', () => database.scratch()),
  );
  try {
    const chunks = new ChunkRecords(width);
    const joined = await database.numberStream(
      `SELECT users.rowid::UINTEGER, items.rowid::UINTEGER, ${fields} FROM entries ` +
        'JOIN users ON users.key = user_id JOIN items ON items.key = item_id',
    );
    let read = 0;
    await joined.fetch((columns, count) => {
      read += count;
      return buckets.append(chunks.of(columns, count));
    });
    expectSame(relation.name, 'rows', read, entries.count);
    await entries.drop();

    const { starts } = buckets.plan;
    for (let bucket = 0; bucket + 1 < starts.length; bucket++) {
      database.signal?.throwIfAborted();
      const [first, end] = [starts[bucket]!, starts[bucket + 1]!];
      const records = await buckets.take(bucket);
      const sorted = sortRecords(records, width, { first, end, columnCount });
      const { count, first: pair } = countDuplicates(sorted.rows);
      await onBatch({
        ...(count === 0 ? sorted : mergeDuplicates(sorted, policy)),
        first,
        duplicates: count,
        duplicate: pair && [first + pair[0], pair[1]],
      });
    }
  } finally {
    await buckets.remove();
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
