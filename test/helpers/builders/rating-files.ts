import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { openDatabase } from '../../../src/io/duckdb.js';
import { randomAt } from '../../../src/random.js';
import { scratchFolder } from './scratch-folder.js';

/** What ids look like in a file. */
export type IdStyle = 'numbers' | 'words';

/** A file of ratings. */
export interface RatingFile {
  readonly folder: string;
  readonly path: string;
}

/**
 * Writes random ratings in random order, a tenth of them of pairs that are there already, with times
 * of which some are equal.
 */
export async function ratingFile(
  t: Pick<ExecutionContext, 'teardown'>,
  format: 'csv' | 'parquet',
  ids: IdStyle,
  { users = 40, items = 25, count = 400, seed = 1 } = {},
): Promise<RatingFile> {
  const folder = await scratchFolder(t);
  const lines = ['user_id,item_id,rating,rated_at'];
  const pairs: string[] = [];
  const id = (side: string, at: number) => (ids === 'words' ? `${side} ${at}é` : `${at * 7}`);
  for (let at = 0; at < count; at++) {
    // Squares: some users and items have far more ratings than others.
    const user = Math.floor(users * randomAt(seed, at, 0) ** 2);
    const item = Math.floor(items * randomAt(seed, at, 1) ** 2);
    const again = Math.floor(10 * at * randomAt(seed, at, 2));
    const pair = pairs[again] ?? `${id('user', user)},${id('item', item)}`;
    pairs.push(pair);
    const rating = 1 + Math.floor(40 * randomAt(seed, at, 3)) / 10;
    lines.push(`${pair},${rating},${Math.floor(5 * randomAt(seed, at, 4))}`);
  }
  const csv = join(folder, 'ratings.csv');
  await writeFile(csv, `${lines.join('\n')}\n`);
  if (format === 'csv') return { folder, path: csv };
  const path = join(folder, 'ratings.parquet');
  const database = await openDatabase();
  await database.run(`COPY (FROM '${csv}') TO '${path}' (FORMAT parquet)`);
  await database.close();
  return { folder, path };
}
