import { countDuplicates, mergeDuplicates } from '../../ratings/merge-duplicates.js';
import type { DuplicatesPolicy } from '../../ratings/ratings.js';
import type { SparseRows } from '../../ratings/sparse-rows.js';
import type { Database, NumberColumn } from '../database.js';
import type { FoundSource } from '../entry-tables.js';
import { readCounts } from '../numbered-ids.js';
import { Buckets, planBuckets } from './buckets.js';
import { recordWords, sortRecords } from './sort-records.js';
import { SpillFile } from './spill-file.js';

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
 * Passes the rows of all users on, in their order, a batch of some two million entries at a time. Needs
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
  const buckets = new Buckets(
    planBuckets(counts),
    width,
    new SpillFile('entries-of-users', () => database.scratch()),
  );
  try {
    const numbers = await database.numberStream(
      'SELECT users.rowid::UINTEGER, items.rowid::UINTEGER, rating' +
        `${isPlaced ? ', entries.rowid::UINTEGER' : ''}${isTimed ? ', rated_at' : ''} FROM entries ` +
        'JOIN users ON users.key = user_id JOIN items ON items.key = item_id',
    );
    await numbers.fetch((columns, count) => buckets.append(recordsOf(columns, count, width)));
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

/** Columns of a chunk as records. */
function recordsOf(
  [rows, columns, ratings, places, times]: readonly NumberColumn[],
  count: number,
  width: number,
): Uint32Array {
  const records = new Uint32Array(count * width);
  putColumn(records, rows!, width, 0);
  putColumn(records, columns!, width, 1);
  putColumn(records, new Uint32Array(Float32Array.from(ratings!).buffer), width, 2);
  if (places !== undefined) putColumn(records, places, width, 3);
  if (times !== undefined) {
    const words = new Uint32Array(Float64Array.from(times).buffer);
    for (let at = 0, to = 4; at < words.length; at += 2, to += width) {
      records[to] = words[at]!;
      records[to + 1] = words[at + 1]!;
    }
  }
  return records;
}

function putColumn(records: Uint32Array, values: NumberColumn, width: number, word: number): void {
  for (let at = 0, to = word; to < records.length; at++, to += width) records[to] = values[at]!;
}
