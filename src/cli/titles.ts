import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ColumnError, SourceError } from '../errors.js';
import { readTitles } from '../io/read-titles.js';
import type { Id } from '../ratings/id-vocabulary.js';

/** How items are called in front of people. */
export interface Titles {
  /** The file they come from; undefined when there is none and ids stand in. */
  readonly file: string | undefined;
  /** The title of an item, or its id if it has none. */
  of(itemId: Id): string;
  has(itemId: Id): boolean;
}

/** Every item is called by its id. */
export const noTitles: Titles = { file: undefined, of: String, has: () => false };

const usualNames = ['movies', 'books', 'items', 'titles', 'products'].flatMap((name) =>
  ['.csv', '.tsv', '.parquet', '.json'].map((extension) => name + extension),
);

/** As MovieLens 1M and 10M, and 100K, call theirs. */
const publishedNames = ['movies.dat', 'u.item'];

/**
 * Titles from a file with a column of item ids and one of titles.
 *
 * @param itemColumn what the column of item ids is called in the ratings, if that was told
 */
export async function loadTitles(file: string, itemColumn?: string): Promise<Titles> {
  const titles = await readWith(file, itemColumn);
  return {
    file,
    of: (itemId) => titles.get(String(itemId)) ?? String(itemId),
    has: (itemId) => titles.has(String(itemId)),
  };
}

/**
 * Titles from a file that lies beside the ratings, has one of the usual names (`movies.csv`,
 * `books.parquet`, …) and the columns for it; `noTitles` when there is none.
 */
export async function findTitles(ratingsFile: string, itemColumn?: string): Promise<Titles> {
  for (const name of [...usualNames, ...publishedNames]) {
    const file = join(dirname(ratingsFile), name);
    if (resolve(file) === resolve(ratingsFile) || !existsSync(file)) continue;
    try {
      return await loadTitles(file, itemColumn);
    } catch (error) {
      // Something else by that name.
      if (!(error instanceof ColumnError || error instanceof SourceError)) throw error;
    }
  }
  return noTitles;
}

async function readWith(file: string, itemColumn: string | undefined) {
  try {
    return await readTitles(file, { id: itemColumn });
  } catch (error) {
    // It may be called otherwise here than in the ratings.
    if (itemColumn === undefined || !(error instanceof ColumnError)) throw error;
    return readTitles(file);
  }
}
