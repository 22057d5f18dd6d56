import test from 'ava';
import { RecordList } from '../../../../../src/kernels/gpu/wgsl/record-list.js';

test('records keep their order, and blocks where they begin', (t) => {
  const list = new RecordList();

  list.beginBlock();
  for (let i = 0; i < 100; i++) list.push(i, 2 * i, 3, 4);
  list.beginBlock();
  list.beginBlock();
  list.push(7, 8, 9, 2 ** 32 - 1);

  t.is(list.length, 101);
  t.deepEqual(
    [0, 1, 2, 3, 9].map((block) => list.startOf(block)),
    [0, 100, 100, 101, 101],
  );
  t.is(list.word(99, 1), 198);
  t.deepEqual([...list.words.subarray(400)], [7, 8, 9, 2 ** 32 - 1]);
});
