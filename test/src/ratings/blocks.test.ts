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

test('boundaries are those that going through all rows finds', (t) => {
  const lengths = Array.from({ length: 500 }, (_, row) => Math.floor(3000 / (row + 1) ** 2));
  const offsets = new Uint32Array(lengths.length + 1);
  for (const [row, length] of lengths.entries()) offsets[row + 1] = offsets[row]! + length;

  for (const count of [1, 2, 7, 33, 490, 500]) {
    const starts = [0];
    const total = offsets[500]! + 500 * 4;
    for (let row = 1; row < 500 && starts.length < count; row++) {
      const isEnough = offsets[row]! + row * 4 >= (total * starts.length) / count;
      if (isEnough || 500 - row <= count - starts.length) starts.push(row);
    }
    starts.push(500);
    t.deepEqual(partitionByWork({ rowCount: 500, columnCount: 1, offsets }, 8, count), starts);
  }
});

function manyRows(): SparseRows {
  return syntheticRatings({ users: 3000, items: 200, count: 60_000, seed: 1 }).byUser;
}
