/** Child process of `caseFiles`: makes the ratings and starting factors and writes them. */

import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syntheticRatings } from '../../src/ratings/synthetic-ratings.js';
import { fillWithRandom } from '../../src/training/initial-factors.js';
import { defaultJobOptions } from '../../src/training/options.js';
import { startFile, type WriteOrder } from './case-files.js';

const order: WriteOrder = JSON.parse(process.argv[2]!);
mkdirSync(order.folder, { recursive: true });
if (!existsSync(join(order.folder, 'ratings.f32'))) writeRatings();
for (const rank of order.ranks) {
  writeStart(rank, 'user', order.users);
  writeStart(rank, 'item', order.items);
}
process.stdout.write('{}\n');

/** Users in the order of their indices, as an export of a table would have them. */
function writeRatings(): void {
  const shape = { users: order.users, items: order.items, count: order.count, seed: order.seed };
  const { byUser, users, items } = syntheticRatings(shape);
  const rowOf = new Uint32Array(order.users);
  for (const [row, position] of users.positions.entries()) rowOf[position] = row;
  const columns = {
    users: new Int32Array(order.count),
    items: new Int32Array(order.count),
    ratings: new Float32Array(order.count),
  };
  let to = 0;
  for (let user = 0; user < order.users; user++) {
    const row = rowOf[user]!;
    for (let at = byUser.offsets[row]!; at < byUser.offsets[row + 1]!; at++, to++) {
      columns.users[to] = user;
      columns.items[to] = items.positions[byUser.columns[at]!]!;
      columns.ratings[to] = byUser.ratings[at]!;
    }
  }
  writeWhole(join(order.folder, 'users.i32'), columns.users);
  writeWhole(join(order.folder, 'items.i32'), columns.items);
  writeWhole(join(order.folder, 'ratings.f32'), columns.ratings);
}

/** The factors that Seesaw itself starts from, rows in the order of the indices. */
function writeStart(rank: number, side: 'user' | 'item', rowCount: number): void {
  const elements = new Float32Array(rowCount * rank);
  const positions = Uint32Array.from({ length: rowCount }, (_, position) => position);
  const start = { ...defaultJobOptions, seed: order.startSeed };
  fillWithRandom({ elements, rank, stride: rank }, positions, side, start);
  writeWhole(startFile(order.folder, rank, side), elements);
}

/** A file of that name is always whole: it is written beside and renamed. */
function writeWhole(file: string, content: Int32Array | Float32Array): void {
  writeFileSync(`${file}.partial`, content);
  renameSync(`${file}.partial`, file);
}
