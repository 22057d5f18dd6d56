import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { openDatabase } from '../../../src/io/duckdb.js';
import type { ReadOptions } from '../../../src/io/read-options.js';
import { readRatings } from '../../../src/io/read-ratings.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { scratchFolder } from '../builders/scratch-folder.js';

export type Content = string | Uint8Array;

/** A table of three ratings with a header, its rows alone, and what they are. */
export const plain = 'user,item,rating\n1,2,3\n1,3,4\n2,2,5\n';
export const bare = plain.slice(plain.indexOf('\n') + 1);
export const three = [
  [1, 2, 3],
  [1, 3, 4],
  [2, 2, 5],
];

/** The ratings of a file with this content. */
export async function readContent(
  t: ExecutionContext,
  content: Content,
  options?: ReadOptions,
  name = 'ratings.csv',
): Promise<Ratings> {
  const file = join(await scratchFolder(t), name);
  await writeFile(file, content);
  return readRatings({ files: file }, options);
}

const copyOptions = {
  csv: 'FORMAT csv',
  ndjson: 'FORMAT json',
  json: 'FORMAT json, ARRAY true',
  parquet: 'FORMAT parquet',
};

/** Writes what a query gives as a file, in the format that its name ends with. */
export async function writeTable(path: string, query: string): Promise<void> {
  const database = await openDatabase();
  const format = copyOptions[path.split('.').at(-1) as keyof typeof copyOptions];
  await database.run(`COPY (${query}) TO '${path}' (${format})`);
  await database.close();
}
