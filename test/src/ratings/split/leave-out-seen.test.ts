import test from 'ava';
import { InvalidIdError, InvalidOptionError } from '../../../../src/errors.js';
import { ratingsFromColumns } from '../../../../src/ratings/from-columns.js';
import { type RatingRow, ratingsFromRows } from '../../../../src/ratings/from-rows.js';
import { holdOut } from '../../../../src/ratings/split/hold-out.js';
import { joinTest } from '../../../../src/ratings/split/join-test.js';
import { leaveOutSeen } from '../../../../src/ratings/split/leave-out-seen.js';
import {
  timesByUser,
  triplesByItem,
  triplesByUser,
} from '../../../helpers/builders/rating-triples.js';

const train: RatingRow[] = [
  { user: 'ann', item: 'tea' },
  { user: 'ann', item: 'jam' },
  { user: 'bob', item: 'tea' },
];

test('pairs that are trained on too are no test ratings, and are counted', (t) => {
  const rows: RatingRow[] = [
    { user: 'ann', item: 'jam', rating: 7, timestamp: 1 },
    { user: 'ann', item: 'oat', rating: 2, timestamp: 2 },
    { user: 'bob', item: 'tea', rating: 8, timestamp: 3 },
    { user: 'bob', item: 'jam', rating: 3, timestamp: 4 },
    { user: 'cat', item: 'tea', rating: 4, timestamp: 5 },
  ];

  const split = leaveOutSeen(joinTest(ratingsFromRows(train), ratingsFromRows(rows)));

  t.deepEqual(split.leftOut, { seen: 2 });
  t.deepEqual(triplesByUser(split.test), [
    ['ann', 'oat', 2],
    ['bob', 'jam', 3],
    ['cat', 'tea', 4],
  ]);
  t.deepEqual(triplesByItem(split.test), triplesByUser(split.test));
  t.deepEqual(timesByUser(split.test), [
    ['ann', 'oat', 2],
    ['bob', 'jam', 4],
    ['cat', 'tea', 5],
  ]);
  t.deepEqual(triplesByUser(split.train), triplesByUser(ratingsFromRows(train)));
});

test('a split without such pairs is returned unchanged', (t) => {
  const split = holdOut({ perUser: 1 })(ratingsFromRows(train));

  t.is(leaveOutSeen(split), split);
});

test('a test of nothing but pairs that are trained on is refused', (t) => {
  const twice = joinTest(ratingsFromRows(train), ratingsFromRows(train));

  t.throws(() => leaveOutSeen(twice), {
    instanceOf: InvalidIdError,
    message: /3 ratings withheld, every one of a pair/,
  });
});

test('visible ratings of a whole user are no test ratings', (t) => {
  const ratings = ratingsFromRows(train);
  const split = holdOut({ users: 1 })(ratings);
  const both = { ...split, test: ratings };

  const { leftOut, test } = leaveOutSeen({ ...both, foldIn: split.foldIn! });

  t.deepEqual(leftOut, { seen: 1 });
  t.is(triplesByUser(test).length, 2);
});

test('halves that number their rows in different ways are refused', (t) => {
  const [one, other] = [
    [0, 0, 1],
    [1, 1, 0],
  ].map((users) => ratingsFromColumns({ users, items: [0, 1, 1], userCount: 2, itemCount: 2 }));

  t.throws(() => leaveOutSeen({ train: one!, test: other! }), {
    instanceOf: InvalidOptionError,
    message: /try withTest/,
  });
});

test('a test id that differs from a known one in its type only is refused', (t) => {
  const known = ratingsFromRows([
    { user: 1, item: 'tea' },
    { user: 2, item: 'jam' },
  ]);
  const mixed = ratingsFromRows([
    { user: 1, item: 'jam' },
    { user: '2', item: 'tea' },
  ]);

  t.throws(() => joinTest(known, mixed), {
    instanceOf: InvalidIdError,
    message: /user "2" in the test ratings, a string; .*such as 2, a number; try Number\(id\)/,
  });
});
