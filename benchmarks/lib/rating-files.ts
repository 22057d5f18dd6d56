import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/io/duckdb.js';
import { syntheticRatings } from '../../src/ratings/synthetic-ratings.js';

export interface RatingFile {
  readonly format: string;
  readonly path: string;
  readonly bytes: number;
}

/**
 * Files of `rowCount` distinct ratings with ids like u0012345 and item-04711 in shuffled order,
 * 138,493 users × 26,744 items at 20 million rows and, unless `userCount` tells, fewer users below.
 * Made once and kept in the system's temporary folder.
 */
export async function ratingFiles(
  rowCount: number,
  userCount = usersOf(rowCount),
): Promise<RatingFile[]> {
  const users = userCount === usersOf(rowCount) ? '' : `-${userCount}-users`;
  const folder = join(tmpdir(), 'seesaw-benchmarks', `string-ids-${rowCount}${users}`);
  mkdirSync(folder, { recursive: true });
  const csv = join(folder, 'ratings.csv');
  if (!existsSync(csv)) whole(csv, (file) => writeCsv(file, rowCount, userCount));
  const copies = [
    ['CSV, gzip', join(folder, 'ratings.csv.gz'), 'FORMAT csv, COMPRESSION gzip'],
    ['Parquet', join(folder, 'ratings.parquet'), 'FORMAT parquet'],
  ] as const;
  const database = await openDatabase();
  for (const [, copy, options] of copies) {
    if (existsSync(copy)) continue;
    await database.run(`COPY (FROM '${csv}') TO '${copy}.partial' (${options})`);
    renameSync(`${copy}.partial`, copy);
  }
  await database.close();
  return ([['CSV', csv], ...copies] as const).map(([format, path]) => ({
    format,
    path,
    bytes: statSync(path).size,
  }));
}

function usersOf(rowCount: number): number {
  return Math.round(138_493 * Math.min(1, rowCount / 2e7));
}

function writeCsv(file: string, rowCount: number, userCount: number): void {
  const { byUser, users, items } = syntheticRatings({
    users: userCount,
    items: 26_744,
    count: rowCount,
  });
  const userIds = Array.from(users.positions, (user) => `u${String(user).padStart(7, '0')}`);
  const itemIds = Array.from(items.positions, (item) => `item-${String(item).padStart(5, '0')}`);
  const rows = new Uint32Array(rowCount);
  for (let row = 0; row < userCount; row++) {
    rows.fill(row, byUser.offsets[row]!, byUser.offsets[row + 1]!);
  }
  const output = openSync(file, 'w');
  let text = 'user_id,item_id,rating\n';
  // Steps of a prime that does not divide the count meet every entry once, far from the last.
  const step = rowCount % 7_368_787 === 0 ? 1 : 7_368_787;
  for (let n = 0, at = 0; n < rowCount; n++, at = (at + step) % rowCount) {
    text += `${userIds[rows[at]!]},${itemIds[byUser.columns[at]!]},${byUser.ratings[at]}\n`;
    if (text.length > 2 ** 20) {
      writeSync(output, text);
      text = '';
    }
  }
  writeSync(output, text);
  closeSync(output);
}

/** A file of that name is always whole: it is written beside and renamed. */
function whole(file: string, write: (partial: string) => void): void {
  write(`${file}.partial`);
  renameSync(`${file}.partial`, file);
}
