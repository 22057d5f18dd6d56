import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ColumnError, SourceError } from '../errors.js';
import { readTitles } from '../io/read-titles.js';
import type { FactorModel } from '../model/factor-model.js';
import type { Id } from '../ratings/id-vocabulary.js';
import { asCount, counted } from './figures.js';

/** Titles of items for output. */
export interface Titles {
  /** Where they come from, for people; undefined if there are none and ids are shown. */
  readonly source: string | undefined;
  /** The title of an item, or its id if it has none. */
  of(itemId: Id): string;
  has(itemId: Id): boolean;
}

/** Shows every item by its id. */
export const noTitles: Titles = { source: undefined, of: String, has: () => false };

const usualNames = ['movies', 'books', 'items', 'titles', 'products'].flatMap((name) =>
  ['.csv', '.tsv', '.parquet', '.json'].map((extension) => name + extension),
);

/** File names of MovieLens 1M and 10M, and of 100K. */
const publishedNames = ['movies.dat', 'u.item'];

/**
 * Titles from a file with a column of item ids and one of titles.
 *
 * @param itemColumn name of the column of item ids in the ratings, if a flag gives it
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
 * Titles from a file beside the ratings with one of the usual names (`movies.csv`, `books.parquet`,
 * …) and the right columns; `noTitles` if there is none.
 */
export async function findTitles(ratingsFile: string, itemColumn?: string): Promise<Titles> {
  for (const name of [...usualNames, ...publishedNames]) {
    const file = join(dirname(ratingsFile), name);
    if (resolve(file) === resolve(ratingsFile) || !existsSync(file)) continue;
    try {
      return await loadTitles(file, itemColumn);
    } catch (error) {
      // Another kind of file with that name.
      if (!(error instanceof ColumnError || error instanceof SourceError)) throw error;
    }
  }
  return noTitles;
}

/** The titles of the given file, else those that the model keeps. */
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

/** The model with the titles of its items, to save; without titles the same model. */
export function withTitles(model: FactorModel, titles: Titles): FactorModel {
  if (titles.source === undefined) return model;
  const titled = model.itemIds.filter((itemId) => titles.has(itemId));
  return model.withTitles(titled.map((itemId) => [itemId, titles.of(itemId)]));
}

/** How many items of a model have titles, for people; empty if there were none to keep. */
export function keptTitlesText(model: FactorModel, { source }: Titles): string {
  if (source === undefined) return '';
  const { titles, itemIds } = model;
  return `, with titles of ${asCount(titles.size)} of ${counted(itemIds.length, 'item')}`;
}

async function readWith(file: string, itemColumn: string | undefined) {
  try {
    return await readTitles(file, { id: itemColumn });
  } catch (error) {
    // The column may have another name here than in the ratings.
    if (itemColumn === undefined || !(error instanceof ColumnError)) throw error;
    return readTitles(file);
  }
}
