import type { RatingsSource } from '../../ratings/described-ratings.js';
import type { Side } from '../../ratings/ratings.js';
import type { SparseRows } from '../../ratings/sparse-rows.js';
import type { Database } from '../database.js';
import type { EntriesScanned } from '../entry-scans.js';
import type { FoundSource } from '../entry-tables.js';
import { readCounts } from '../numbered-ids.js';
import { Buckets, planBuckets } from './buckets.js';
import { EntriesDigest } from './entries-digest.js';
import { RowsOnDisk } from './rows-on-disk.js';
import { recordWords, sortByRow } from './sort-records.js';
import { SpillFile } from './spill-file.js';
import { eachUserBatch } from './user-batches.js';

/** A source's ratings by user and by item, on disk. */
export interface BothSides {
  readonly rows: Readonly<Record<Side, RowsOnDisk>>;
  /** What `EntriesDigest` gives. */
  readonly digest: string;
}

/** Sorts the entries of a source both ways. Needs and drops what `eachUserBatch` does. */
export async function sortBothSides(
  database: Database,
  found: FoundSource,
  entries: EntriesScanned,
  { duplicates, contents: { users, items } }: RatingsSource,
): Promise<BothSides> {
  const file = (name: string) => new SpillFile(name, () => database.scratch());
  const byUser = new RowsOnDisk(
    { rowCount: users, columnCount: items },
    file('columns-of-users'),
    file('ratings-of-users'),
  );
  const byItem = new RowsOnDisk(
    { rowCount: items, columnCount: users },
    file('columns-of-items'),
    file('ratings-of-items'),
  );
  const buckets = new Buckets(
    planBuckets(await readCounts(database, 'item')),
    recordWords.plain,
    file('entries-of-items'),
  );
  const digest = new EntriesDigest();
  await eachUserBatch(database, found, entries, duplicates, async ({ first, rows }) => {
    digest.add(rows);
    await byUser.append(rows);
    await buckets.append(recordsByItem(rows, first));
  });
  const { starts } = buckets.plan;
  for (let bucket = 0; bucket + 1 < starts.length; bucket++) {
    database.signal?.throwIfAborted();
    const [first, end] = [starts[bucket]!, starts[bucket + 1]!];
    const records = await buckets.take(bucket);
    await byItem.append(sortByRow(records, { first, end, columnCount: users }));
  }
  await buckets.remove();
  return { rows: { user: byUser, item: byItem }, digest: await digest.value(database) };
}

/** Records of items, with the users ascending. */
function recordsByItem({ rowCount, offsets, columns, ratings }: SparseRows, first: number) {
  const width = recordWords.plain;
  const bits = new Uint32Array(ratings.buffer, ratings.byteOffset, ratings.length);
  const records = new Uint32Array(columns.length * width);
  for (let row = 0, to = 0; row < rowCount; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++, to += width) {
      records[to] = columns[at]!;
      records[to + 1] = first + row;
      records[to + 2] = bits[at]!;
    }
  }
  return records;
}
