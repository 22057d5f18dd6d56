import test from 'ava';
import fc from 'fast-check';
import { InvalidIdError } from '../../../../src/errors.js';
import { ratingsFromColumns } from '../../../../src/ratings/from-columns.js';
import { type RatingRow, ratingsFromRows } from '../../../../src/ratings/from-rows.js';
import { joinTest } from '../../../../src/ratings/split/join-test.js';
import {
  timesByUser,
  triplesByItem,
  triplesByUser,
} from '../../../helpers/builders/rating-triples.js';

const train = ratingsFromRows([
  { user: 'ann', item: 'tea', rating: 5, timestamp: 1 },
  { user: 'bob', item: 'tea', rating: 4 },
  { user: 'bob', item: 'jam', rating: 3, timestamp: 3 },
]);

test('both halves have one numbering; users and items only in the test have no training', (t) => {
  const rows = [
    { user: 'cat', item: 'jam', rating: 1, timestamp: 9 },
    { user: 'bob', item: 'oat', rating: 2, timestamp: 8 },
  ];

  const split = joinTest(train, ratingsFromRows(rows));

  t.deepEqual(triplesByUser(split.train), triplesByUser(train));
  t.deepEqual(timesByUser(split.train), timesByUser(train));
  t.deepEqual(triplesByUser(split.test), [
    ['bob', 'oat', 2],
    ['cat', 'jam', 1],
  ]);
  t.deepEqual(timesByUser(split.test), [
    ['bob', 'oat', 8],
    ['cat', 'jam', 9],
  ]);
  for (const half of [split.train, split.test]) {
    t.is(half.arena, train.arena);
    t.is(half.users, split.train.users);
    t.deepEqual([half.byUser.rowCount, half.byUser.columnCount], [3, 3]);
    t.deepEqual([half.byItem.rowCount, half.byItem.columnCount], [3, 3]);
    t.deepEqual(triplesByItem(half), triplesByUser(half));
  }
  t.is(split.train.users.ids.positionOf('cat'), 2);
  t.is(split.train.byUser.columns, train.byUser.columns);
});

test('known users and items only: the names are those of the training ratings', (t) => {
  const split = joinTest(train, ratingsFromRows([{ user: 'ann', item: 'jam' }]));

  t.is(split.train.users, train.users);
  t.is(split.test.items, train.items);
  t.is(split.test.timestamps, undefined);
});

const entry = fc.record({ user: fc.nat(7), item: fc.nat(7), rating: fc.nat(9) });
const entries = fc.array(entry, { minLength: 1, maxLength: 40 });

test('joining does not change either of the two', (t) => {
  fc.assert(
    fc.property(entries, entries, (one, other) => {
      const common: RatingRow = { user: 0, item: 0 };
      const [first, second] = [
        ratingsFromRows([...one, common]),
        ratingsFromRows([...other, common]),
      ];

      const split = joinTest(first, second);

      t.deepEqual(triplesByUser(split.train), triplesByUser(first));
      t.deepEqual(triplesByItem(split.train), triplesByUser(first));
      t.deepEqual(triplesByUser(split.test), triplesByUser(second));
      t.deepEqual(triplesByItem(split.test), triplesByUser(second));
      for (const { byUser } of [split.train, split.test]) {
        for (let row = 0; row < byUser.rowCount; row++) {
          const inRow = byUser.columns.subarray(byUser.offsets[row], byUser.offsets[row + 1]);
          t.deepEqual(
            [...inRow],
            [...new Set(inRow)].sort((a, b) => a - b),
          );
        }
      }
    }),
    { seed: 42, numRuns: 60 },
  );
});

test('dense indices of another size join too', (t) => {
  const columns = { users: [0, 1], items: [0, 1] };
  const small = ratingsFromColumns({ ...columns, userCount: 2, itemCount: 2 });
  const large = ratingsFromColumns({ ...columns, userCount: 4, itemCount: 2 });

  const { train: joined } = joinTest(small, large);

  t.is(joined.byUser.rowCount, 4);
  t.is(joined.users.ids.positionOf(3), 3);
});

test('ids of another kind are refused, with one of each', (t) => {
  const numbers = ratingsFromRows([{ user: 1, item: 'tea' }]);

  t.throws(() => joinTest(train, numbers), {
    instanceOf: InvalidIdError,
    message: /no user of the test ratings .* 1 beside "ann"/,
  });
});
