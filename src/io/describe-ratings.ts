import { isAbsolute, resolve } from 'node:path';
import { Arena } from '../arena.js';
import { DuplicateRatingError, InvalidOptionError } from '../errors.js';
import { timeUnitCheck } from '../ratings/check-time-unit.js';
import type { DescribedRatings, RatingsSource } from '../ratings/described-ratings.js';
import type { IdVocabulary } from '../ratings/id-vocabulary.js';
import { resolveDuplicates } from '../ratings/merge-duplicates.js';
import type { RowNames } from '../ratings/ratings.js';
import type { Database } from './database.js';
import { describingSettings, engineVersion, openDatabase } from './duckdb.js';
import { scanEntries } from './entry-scans.js';
import { explain, findSource } from './entry-tables.js';
import { type FileName, pathOf } from './input-files.js';
import { numberRows, readIds } from './numbered-ids.js';
import { checkReadOptions, type DescribeOptions, type ReadOptions } from './read-options.js';
import type { Source } from './relation.js';
import { RowsSummary } from './rows-summary.js';
import { EntriesOnDisk } from './sorted-entries/entries-on-disk.js';
import { eachUserBatch } from './sorted-entries/user-batches.js';

/** Characters that paths, SQL and names may have together: a message of a NATS server has 1 MiB. */
const maxSettingsLength = 300_000;

/** A source and its options in one. */
type ReadSettings = Omit<RatingsSource, 'engine' | 'contents'>;

/**
 * Reads a source to describe its ratings: ids, row lengths and all else that training must know. The
 * ratings go to the disk, sorted by user, and stay there as long as the description is in use. Rows and
 * errors are those of `readRatings`. Memory grows with users and items, not with ratings.
 *
 * Throws what `readRatings` throws, and `InvalidOptionError` for files that have no path.
 */
export async function describeRatings(
  source: Source,
  options: ReadOptions | DescribeOptions = {},
  signal?: AbortSignal,
): Promise<DescribedRatings> {
  checkReadOptions(source, options);
  const { network, readBy: _readBy, ...reading } = options as Partial<DescribeOptions>;
  if (network) {
    const message = "found network beside readBy: 'workers'; expected one of the two";
    throw new InvalidOptionError('network', message);
  }
  const settings = settingsOf(source, reading);
  const { length } = JSON.stringify(settings);
  if (length > maxSettingsLength) {
    throw new InvalidOptionError(
      'readBy',
      `found readBy: 'workers' with ${length} characters of options; expected at most ${maxSettingsLength}, ` +
        'which a message holds; try a pattern in the place of many paths',
    );
  }
  const database = await openDatabase(signal, describingSettings());
  try {
    return await describe(database, source, options, settings);
  } catch (error) {
    // An interrupted query fails with an arbitrary error of DuckDB.
    signal?.throwIfAborted();
    throw error;
  } finally {
    await database.close();
  }
}

function settingsOf(source: Source, options: ReadOptions): ReadSettings {
  const duplicates = resolveDuplicates(options.duplicates);
  if ('sql' in source) return { ...options, duplicates, sql: source.sql };
  const files = ([source.files].flat() as FileName[]).map((name) => {
    const path = pathOf(name);
    // An empty path stays empty, so that it is refused.
    return path === '' || isAbsolute(path) ? path : resolve(path);
  });
  return { ...options, duplicates, files };
}

async function describe(
  database: Database,
  source: Source,
  options: ReadOptions,
  settings: ReadSettings,
): Promise<DescribedRatings> {
  const found = await findSource(database, source, options);
  const scanned = await scanEntries(database, found);
  const { count: rows, provenance } = scanned;
  const arena = new Arena();
  await numberRows(database, found);
  const users = await readIds(database, 'user');
  const items = await readIds(database, 'item');

  const summary = new RowsSummary(arena, users.size, items.size, rows);
  let duplicates = 0;
  let duplicate: readonly [number, number] | undefined;
  const entries = new EntriesOnDisk(users.size, items.size, found.timed);
  const checkTimes = timeUnitCheck();
  try {
    await eachUserBatch(database, found, scanned, settings.duplicates, async (batch) => {
      if (batch.timestamps !== undefined) checkTimes(batch.timestamps);
      summary.add(batch.first, batch.rows);
      await entries.append(batch);
      duplicates += batch.duplicates;
      duplicate ??= batch.duplicate;
    });
  } catch (cause) {
    await entries.remove();
    throw await explain(database, found, cause);
  }
  if (duplicate !== undefined && settings.duplicates === 'error') {
    const example = `user ${users.at(duplicate[0])}, item ${items.at(duplicate[1])}`;
    throw new DuplicateRatingError(duplicates, example);
  }

  const isOrdered = duplicates > 0 && settings.duplicates === 'last' && !found.timed;
  const outline = {
    arena,
    users: namesOf(arena, users),
    items: namesOf(arena, items),
    duplicates: { policy: settings.duplicates, count: duplicates },
    provenance,
  };
  const engine = await engineVersion(database);
  const digest = await summary.digest(database);
  const contents = { users: users.size, items: items.size, rows, isOrdered, digest };
  return summary.describe(outline, {
    ...{ source: { ...settings, engine, contents }, entries, isPart: false },
  });
}

/** Ids of a source are listed in the order of the rows. */
function namesOf(arena: Arena, ids: IdVocabulary): RowNames {
  const positions = arena.uint32(ids.size);
  for (let row = 0; row < ids.size; row++) positions[row] = row;
  return { ids, positions };
}
