import test from 'ava';
import { fold } from '../../../../../src/kernels/gpu/wgsl/dispatches.js';

test('workgroups fold over y when x has no room for all', (t) => {
  t.deepEqual(fold(1, 65_535), [1, 1]);
  t.deepEqual(fold(65_535, 65_535), [65_535, 1]);
  t.deepEqual(fold(65_536, 65_535), [32_768, 2]);
  for (const count of [1, 7, 100, 65_537, 1_000_003]) {
    const [x, y] = fold(count, 1000);
    t.true(x <= 1000 && x * y >= count && x * (y - 1) < count);
  }
});
