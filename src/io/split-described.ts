import { Arena } from '../arena.js';
import { InvalidOptionError } from '../errors.js';
import type { DescribedRatings, DescribedSplit } from '../ratings/described-ratings.js';
import type { Ratings, RatingsOutline } from '../ratings/ratings.js';
import { allocateSparseRows, type SparseRows, transpose } from '../ratings/sparse-rows.js';
import { isMeasured, rowSplitter, type Withheld } from '../ratings/split/withhold-rows.js';
import { openDatabase, settingsBeforeParts } from './duckdb.js';
import { checkDigest, findDescribed, readDescribed } from './ratings-reader.js';
import { RowsSummary } from './rows-summary.js';
import { EntriesDigest } from './sorted-entries/entries-digest.js';
import { eachUserBatch } from './sorted-entries/user-batches.js';

/**
 * Withholds some of each user's ratings that are only described, as `holdOut` does of ratings that are
 * here. Reads the source once more. What is withheld, and what its users rated beside, is kept for
 * those to measure on alone.
 *
 * Throws `SourceError` for a source that has changed, what reading it throws, `InvalidOptionError` if
 * nothing is withheld, and the signal's reason.
 */
export async function splitDescribed(
  ratings: DescribedRatings,
  withheld: Withheld,
  signal?: AbortSignal,
): Promise<DescribedSplit> {
  const { source } = ratings.described;
  const { users, items, rows } = source.contents;
  const database = await openDatabase(signal, settingsBeforeParts());
  try {
    const found = await findDescribed(database, source);
    await readDescribed(database, found, source);
    const arena = new Arena();
    const summary = new RowsSummary(arena, users, items, rows);
    const [test, seen] = [new KeptRows(users, items), new KeptRows(users, items)];
    const before = source.withheld && rowSplitter(source.withheld, items);
    const split = rowSplitter(withheld, items);
    const whole = new EntriesDigest();
    let withheldCount = 0;
    await eachUserBatch(database, found, source.duplicates, ({ first, rows: read }) => {
      const all = before?.(read, first).train ?? read;
      whole.add(all);
      const parts = split(all, first);
      summary.add(first, parts.train);
      withheldCount += parts.test.columns.length;
      const isKept = (row: number) =>
        parts.test.offsets[row]! < parts.test.offsets[row + 1]! &&
        isMeasured(first + row, users, withheld);
      test.add(first, parts.test, isKept);
      seen.add(first, parts.train, isKept);
    });
    checkDigest(found, await whole.value(database), source);
    if (withheldCount === 0) throw nothingWithheld(withheld);
    const { users: userNames, items: itemNames, duplicates, provenance } = ratings;
    const outline = { arena, users: userNames, items: itemNames, duplicates, provenance };
    const train = await summary.describe(database, outline, { ...source, withheld });
    return { train, test: test.ratings(outline), seen: seen.ratings(outline) };
  } catch (error) {
    // An interrupted query fails with an arbitrary error of DuckDB.
    signal?.throwIfAborted();
    throw error;
  } finally {
    await database.close();
  }
}

/** Rows of some users, which come in the order of the users. */
class KeptRows {
  readonly #columnCount: number;
  readonly #lengths: Uint32Array;
  readonly #columns: Uint32Array[] = [];
  readonly #ratings: Float32Array[] = [];

  constructor(rowCount: number, columnCount: number) {
    this.#lengths = new Uint32Array(rowCount);
    this.#columnCount = columnCount;
  }

  add(first: number, rows: SparseRows, isKept: (row: number) => boolean): void {
    const { rowCount, offsets } = rows;
    const kept = Array.from({ length: rowCount }, (_, row) => row).filter(isKept);
    let count = 0;
    for (const row of kept) count += offsets[row + 1]! - offsets[row]!;
    const columns = new Uint32Array(count);
    const ratings = new Float32Array(count);
    let to = 0;
    for (const row of kept) {
      const [from, end] = [offsets[row]!, offsets[row + 1]!];
      columns.set(rows.columns.subarray(from, end), to);
      ratings.set(rows.ratings.subarray(from, end), to);
      to += end - from;
      this.#lengths[first + row] = end - from;
    }
    this.#columns.push(columns);
    this.#ratings.push(ratings);
  }

  /** All of them both ways, in the arena. */
  ratings(outline: Omit<RatingsOutline, 'byUser' | 'byItem'>): Ratings {
    const { arena } = outline;
    const rowCount = this.#lengths.length;
    const count = this.#columns.reduce((sum, { length }) => sum + length, 0);
    const byUser = allocateSparseRows(arena, { rowCount, columnCount: this.#columnCount, count });
    for (let row = 0; row < rowCount; row++) {
      byUser.offsets[row + 1] = byUser.offsets[row]! + this.#lengths[row]!;
    }
    let to = 0;
    for (const [at, columns] of this.#columns.entries()) {
      byUser.columns.set(columns, to);
      byUser.ratings.set(this.#ratings[at]!, to);
      to += columns.length;
    }
    return { ...outline, byUser, byItem: transpose(byUser, arena) };
  }
}

function nothingWithheld({ fraction, perUser }: Withheld): InvalidOptionError {
  return new InvalidOptionError(
    perUser === undefined ? 'fraction' : 'perUser',
    perUser ?? fraction,
    'one that withholds a rating of these; each user keeps at least one',
  );
}
