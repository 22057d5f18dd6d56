import { Arena } from '../arena.js';
import { buildRatings } from '../ratings/build-ratings.js';
import { resolveDuplicates } from '../ratings/merge-duplicates.js';
import type { Ratings } from '../ratings/ratings.js';
import type { Database } from './database.js';
import { openDatabase } from './duckdb.js';
import { findSource, makeEntries } from './entry-tables.js';
import { numberRows, readIds } from './numbered-ids.js';
import { checkReadOptions, type ReadOptions } from './read-options.js';
import type { Source } from './relation.js';

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
  checkReadOptions(source, options);
  const duplicates = resolveDuplicates(options.duplicates);
  // Files come from the network without DuckDB.
  const network = 'sql' in source && options.network;
  const database = await openDatabase(signal, { network });
  try {
    const found = await findSource(database, source, options);
    const { count, provenance } = await makeEntries(database, found);
    const arena = new Arena();
    // What `buildRatings` takes at its peak.
    arena.require(
      count * (found.timed ? 32 : 20),
      "readBy: 'workers', which reads a block at a time",
    );
    await numberRows(database, found);
    const userIds = await readIds(database, 'user');
    const itemIds = await readIds(database, 'item');
    const entries = await fetchEntries(database, arena, count, found.timed);
    return { ...buildRatings({ arena, ...entries, userIds, itemIds, duplicates }), provenance };
  } catch (error) {
    // An interrupted query fails with an arbitrary error of DuckDB.
    signal?.throwIfAborted();
    throw error;
  } finally {
    await database.close();
  }
}

/** Entries as positions, each at its place in input order; DuckDB may return them in any order. */
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
