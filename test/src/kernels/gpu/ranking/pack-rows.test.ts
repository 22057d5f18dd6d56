import test from 'ava';
import { packedWidth, packRows } from '../../../../../src/kernels/gpu/ranking/pack-rows.js';

test('rows come element by element, 64 side by side', (t) => {
  const rank = 3;
  const count = 70;
  const rows = Float32Array.from({ length: rank * count }, (_, at) => at + 1);

  const packed = packRows({ rows, rank, count }, new Float32Array(2 * 64 * packedWidth(rank)));

  for (const row of [0, 1, 63, 64, 69]) {
    const start = row < 64 ? row : 64 * packedWidth(rank) + row - 64;
    const elements = Array.from({ length: packedWidth(rank) }, (_, k) => packed[start + 64 * k]);
    t.deepEqual(elements.slice(0, 3), [...rows.subarray(row * rank, row * rank + rank)]);
    t.deepEqual(elements.slice(3), new Array(packedWidth(rank) - 3).fill(0));
  }
});

test('a selection comes in its own order', (t) => {
  const rows = Float32Array.of(1, 2, 3, 4);
  const selection = { rows, rank: 1, count: 2, positions: Uint32Array.of(3, 1) };

  t.deepEqual([...packRows(selection, new Float32Array(64 * 16)).subarray(0, 3)], [4, 2, 0]);
});
