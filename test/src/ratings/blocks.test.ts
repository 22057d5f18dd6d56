import test from 'ava';
import { partitionByWork } from '../../../src/ratings/blocks.js';
import type { SparseRows } from '../../../src/ratings/sparse-rows.js';
import { syntheticRatings } from '../../../src/ratings/synthetic-ratings.js';

test('the Gram matrices of all blocks take at most 128 MiB', (t) => {
  const rows = manyRows();

  for (const [rank, blocks] of [
    [512, 32],
    [1024, 32],
    [1500, 12],
    [2048, 8],
  ] as const) {
    t.is(partitionByWork(rows, rank).length - 1, blocks, `rank ${rank}`);
  }
});

test('blocks are shared evenly by two and by four threads', (t) => {
  const rows = manyRows();

  for (const rank of [96, 128, 160, 200, 260, 300]) {
    t.is((partitionByWork(rows, rank).length - 1) % 4, 0, `rank ${rank}`);
  }
});

test('the requested number of blocks is used, up to the number of rows', (t) => {
  const rows = manyRows();

  t.is(partitionByWork(rows, 2048, 20).length - 1, 20);
  t.deepEqual(partitionByWork({ ...rows, rowCount: 2 }, 8, 20), [0, 1, 2]);
});

function manyRows(): SparseRows {
  return syntheticRatings({ users: 3000, items: 200, count: 60_000, seed: 1 }).byUser;
}
