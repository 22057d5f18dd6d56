import test from 'ava';
import fc from 'fast-check';
import { type Id, type IdVocabulary, listedIds } from '../../../src/ratings/id-vocabulary.js';
import { NumberIds } from '../../../src/ratings/number-ids.js';

const idsOf = (ids: IdVocabulary) =>
  Array.from({ length: ids.size }, (_, position) => ids.at(position));

const others: readonly Id[] = ['', '0', '1', 1n, 0n, Number.NaN, Number.POSITIVE_INFINITY, 0.5, -7];

test('integers of 32 bits are found where a list has them', (t) => {
  const extremes = [0, 7, -1, 2 ** 31 - 1, -(2 ** 31)];
  const listed = listedIds(extremes);

  const ids = new NumberIds(Int32Array.from(extremes));

  t.deepEqual(idsOf(ids), extremes);
  for (const id of [...extremes, ...others, -0, 2 ** 31, 2 ** 32 + 7]) {
    t.is(ids.positionOf(id), listed.positionOf(id));
  }
});

test('any numbers are found where a list has them', (t) => {
  const numbers = fc.oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -3, max: 3 }),
  );
  // For a list −0 and 0 are one id.
  const distinct = fc.uniqueArray(numbers, { comparator: 'SameValueZero', maxLength: 60 });
  fc.assert(
    fc.property(distinct, fc.array(numbers), (values, more) => {
      const listed = listedIds(values);
      const ids = new NumberIds(Float64Array.from(values));
      t.deepEqual(idsOf(ids), values);
      t.is(ids.size, listed.size);
      t.is(ids.repeated, undefined);
      for (const id of [...values, ...more, ...others]) {
        t.is(ids.positionOf(id), listed.positionOf(id));
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('the integers from 0 on, in any order, are found', (t) => {
  const ids = new NumberIds(Int32Array.from({ length: 50_021 }, (_, at) => (at * 7919) % 50_021));

  t.true(idsOf(ids).every((id, position) => ids.positionOf(id) === position));
  t.is(ids.positionOf(50_021), undefined);
});

test('a number that is there twice is at its later position, which tells of it', (t) => {
  const ids = new NumberIds(Float64Array.of(5, 0, 9, -0, 7));

  t.is(ids.positionOf(0), 3);
  t.is(ids.repeated, 3);
});
