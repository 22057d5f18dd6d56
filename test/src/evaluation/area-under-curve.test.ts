import test from 'ava';
import fc from 'fast-check';
import { areaUnderCurve } from '../../../src/evaluation/area-under-curve.js';

test('relevant items above and below others count the pairs that are right', (t) => {
  // Relevant 0.9 and 0.2 against 0.5 and 0.1: right, right, wrong, right.
  const scores = Float32Array.of(0.9, 0.5, 0.2, 0.1);

  t.is(areaUnderCurve({ scores, seen: [], relevant: [2, 0] }), 3 / 4);
});

test('seen items are no candidates, and ties count one half', (t) => {
  const scores = Float32Array.of(1, 1, 0, 5);

  t.is(areaUnderCurve({ scores, seen: [3], relevant: [0] }), 1.5 / 2);
});

test('without a pair there is no area', (t) => {
  const scores = Float32Array.of(1, 2);

  t.is(areaUnderCurve({ scores, seen: [], relevant: [0, 1] }), NaN);
  t.is(areaUnderCurve({ scores, seen: [0], relevant: [] }), NaN);
});

test('the area equals the share from comparing every pair', (t) => {
  // Few distinct scores, so that ties come often. 0 is seen, 1 relevant, 2 and 3 neither.
  const items = fc.array(fc.record({ score: fc.integer({ min: -3, max: 3 }), kind: fc.nat(3) }));

  fc.assert(
    fc.property(items, (items) => {
      const ofKind = (...kinds: number[]) =>
        [...items.keys()].filter((at) => kinds.includes(items[at]!.kind));
      let right = 0;
      for (const good of ofKind(1)) {
        for (const bad of ofKind(2, 3)) {
          right += (1 + Math.sign(items[good]!.score - items[bad]!.score)) / 2;
        }
      }
      const expected = right / (ofKind(1).length * ofKind(2, 3).length);

      const scores = Float32Array.from(items, ({ score }) => score);
      t.is(areaUnderCurve({ scores, seen: ofKind(0), relevant: ofKind(1) }), expected);
    }),
    { seed: 42 },
  );
});
