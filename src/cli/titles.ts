import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ColumnError, SourceError } from '../errors.js';
import { readTitles } from '../io/read-titles.js';
import type { FactorModel } from '../model/factor-model.js';
import type { Id } from '../ratings/id-vocabulary.js';
import { asCount, counted } from './figures.js';

/** How items are called in front of people. */
export interface Titles {
  /** Where they come from, for people; undefined when there are none and ids stand in. */
  readonly source: string | undefined;
  /** The title of an item, or its id if it has none. */
  of(itemId: Id): string;
  has(itemId: Id): boolean;
}

/** Every item is called by its id. */
export const noTitles: Titles = { source: undefined, of: String, has: () => false };

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
    source: file,
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

/** The titles that a file has, if one was told, else those that the model keeps. */
export async function titlesFor(model: FactorModel, file: string | undefined): Promise<Titles> {
  if (file !== undefined) return loadTitles(file);
  const { titles } = model;
  if (titles.size === 0) return noTitles;
  return {
    source: 'the model',
    of: (itemId) => titles.get(itemId) ?? String(itemId),
    has: (itemId) => titles.has(itemId),
  };
}

/** The model with the titles of its items, to save; without any it is as it was. */
export function withTitles(model: FactorModel, titles: Titles): FactorModel {
  if (titles.source === undefined) return model;
  const titled = model.itemIds.filter((itemId) => titles.has(itemId));
  return model.withTitles(titled.map((itemId) => [itemId, titles.of(itemId)]));
}

/** Of how many items a model has titles, for people; nothing where there were none to keep. */
export function keptTitlesText(model: FactorModel, { source }: Titles): string {
  if (source === undefined) return '';
  const { titles, itemIds } = model;
  return `, with titles of ${asCount(titles.size)} of ${counted(itemIds.length, 'item')}`;
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
