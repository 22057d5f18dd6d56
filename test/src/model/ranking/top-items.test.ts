import test from 'ava';
import fc from 'fast-check';
import { topItems } from '../../../../src/model/ranking/top-items.js';

test('the highest scores come first', (t) => {
  t.deepEqual(topItems(Float32Array.of(1, 5, 3, 4), 2), [1, 3]);
});

test('ties come in the order of positions', (t) => {
  t.deepEqual(topItems(Float32Array.of(2, 3, 2, 3, 2), 4), [1, 3, 0, 2]);
});

test('fewer scores than asked for give fewer results', (t) => {
  t.deepEqual(topItems(Float32Array.of(1, 2), 10), [1, 0]);
  t.deepEqual(topItems(new Float32Array(0), 10), []);
});

test('minus infinity and NaN are never selected', (t) => {
  t.deepEqual(topItems(Float32Array.of(-Infinity, -1, NaN, -2), 4), [1, 3]);
});

test('any scores give the same as sorting all of them', (t) => {
  const scores = fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 60 });
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 70 }), (values, count) => {
      const sorted = values
        .map((_, position) => position)
        .sort((a, b) => values[b]! - values[a]! || a - b);
      t.deepEqual(topItems(Float32Array.from(values), count), sorted.slice(0, count));
    }),
    { seed: 1 },
  );
});
