import test from 'ava';
import fc from 'fast-check';
import { type Id, listedIds } from '../../../src/ratings/id-vocabulary.js';
import { NumberIds } from '../../../src/ratings/number-ids.js';
import { packIds } from '../../../src/ratings/pack-ids.js';
import { TextIds } from '../../../src/ratings/text-ids.js';

// Halves of surrogate pairs too.
const anyText = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) });
const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true });
const kinds: readonly fc.Arbitrary<Id>[] = [
  anyText,
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.integer(),
  anyNumber,
  fc.bigInt(),
];
const someIds = fc.oneof(
  ...kinds.map((kind) => fc.uniqueArray(kind, { comparator: 'SameValueZero' })),
  fc.uniqueArray(fc.oneof(...kinds), { comparator: 'SameValueZero' }),
);

test('packed ids are those of a list, whatever their types', (t) => {
  fc.assert(
    fc.property(someIds, someIds, (ids, others) => {
      const listed = listedIds(ids);
      const packed = packIds(ids);
      t.is(packed.size, ids.length);
      for (const [position, id] of ids.entries()) t.is(packed.at(position), id);
      for (const id of [...ids, ...others]) t.is(packed.positionOf(id), listed.positionOf(id));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('text and numbers are packed, other ids are kept as they are', (t) => {
  t.true(packIds(['a', 'é', '😀', '\ufffd']) instanceof TextIds);
  t.true(packIds([1, 2 ** 40, 0.5]) instanceof NumberIds);

  for (const ids of [['a', '\ud800'], ['a', 1], [1n], [1, 1n]]) {
    const packed = packIds(ids);
    t.false(packed instanceof TextIds || packed instanceof NumberIds);
    for (const [position, id] of ids.entries()) {
      t.is<Id, Id>(packed.at(position), id);
      t.is(packed.positionOf(id), position);
    }
  }
});
