import test from 'ava';
import fc from 'fast-check';
import { cutIntoShards, cutIntoTiles } from '../../../../../src/kernels/gpu/gpu-js/shards.js';

const offsetsOf = (counts: readonly number[]) => {
  const offsets = new Uint32Array(counts.length + 1);
  for (const [row, count] of counts.entries()) offsets[row + 1] = offsets[row]! + count;
  return offsets;
};

const rowCounts = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 30 });

test('shards follow one another and cover all rows and ratings', (t) => {
  fc.assert(
    fc.property(rowCounts, fc.integer({ min: 1, max: 20 }), (counts, limit) => {
      const offsets = offsetsOf(counts);

      const shards = cutIntoShards(offsets, 1, { limit });

      t.deepEqual(
        shards.map(({ firstRow }) => firstRow),
        [0, ...shards.map(({ endRow }) => endRow).slice(0, -1)],
      );
      t.is(shards.at(-1)!.endRow, counts.length);
      for (const { firstRow, endRow, firstEntry, endEntry } of shards) {
        t.is(firstEntry, offsets[firstRow]!);
        t.is(endEntry, offsets[endRow]!);
      }
    }),
    { seed: 42 },
  );
});

test('no shard is above the limit but one of a single row', (t) => {
  fc.assert(
    fc.property(rowCounts, fc.integer({ min: 1, max: 20 }), (counts, limit) => {
      for (const shard of cutIntoShards(offsetsOf(counts), 2, { limit })) {
        const rows = shard.endRow - shard.firstRow;
        if (rows === 1) continue;
        t.true(2 * rows <= limit);
        t.true(shard.endEntry - shard.firstEntry <= limit);
      }
    }),
    { seed: 42 },
  );
});

test('withheld ratings count towards the limit', (t) => {
  const heldOut = offsetsOf([3, 3, 3]);

  const shards = cutIntoShards(offsetsOf([1, 1, 1]), 1, { heldOut, limit: 6 });

  t.deepEqual(
    shards.map(({ firstRow, endRow }) => [firstRow, endRow]),
    [
      [0, 2],
      [2, 3],
    ],
  );
});

test('what fits a float32 is one shard', (t) => {
  t.is(cutIntoShards(offsetsOf([5, 4, 3]), 64).length, 1);
});

test('tiles begin where blocks do, and are no larger than asked', (t) => {
  const { starts, blockStarts } = cutIntoTiles([0, 5, 5, 12], { first: 0, end: 12, size: 4 });

  t.deepEqual([...starts], [0, 4, 5, 9, 12]);
  t.deepEqual(blockStarts, [0, 2, 2, 4]);
});

test('tiles of a shard are of the blocks that have rows there', (t) => {
  const { starts, blockStarts } = cutIntoTiles([0, 5, 8, 12], { first: 3, end: 7, size: 4 });

  t.deepEqual([...starts], [0, 2, 4]);
  t.deepEqual(blockStarts, [0, 1, 2, 2]);
});
