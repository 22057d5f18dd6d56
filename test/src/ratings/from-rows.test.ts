import test from 'ava';
import {
  DuplicateRatingError,
  InvalidIdError,
  InvalidOptionError,
  InvalidRatingError,
} from '../../../src/errors.js';
import { ratingsFromRows } from '../../../src/ratings/from-rows.js';
import { timesByUser, triplesByUser } from '../../helpers/builders/rating-triples.js';

test('ids of any kind keep their type, in order of first appearance', (t) => {
  const { users, items } = ratingsFromRows([
    { user: 'ann', item: 7 },
    { user: 12, item: '7' },
    { user: 2n ** 60n, item: 7 },
    { user: 'ann', item: '' },
  ]);

  t.deepEqual(
    [0, 1, 2].map((at) => users.ids.at(at)),
    ['ann', 12, 2n ** 60n],
  );
  t.deepEqual(
    [0, 1, 2].map((at) => items.ids.at(at)),
    [7, '7', ''],
  );
  t.is(users.ids.positionOf(2n ** 60n), 2);
  t.is(users.ids.positionOf('12'), undefined);
});

test('rows can come from a generator, and a rating that is left out is 1', (t) => {
  function* rows() {
    yield { user: 'ann', item: 'x', rating: 4 };
    yield { user: 'bob', item: 'x' };
  }

  t.deepEqual(triplesByUser(ratingsFromRows(rows())), [
    ['ann', 'x', 4],
    ['bob', 'x', 1],
  ]);
});

test('the last of several ratings of a pair counts', (t) => {
  const ratings = ratingsFromRows([
    { user: 'ann', item: 'x', rating: 4 },
    { user: 'ann', item: 'x', rating: 2 },
  ]);

  t.deepEqual(triplesByUser(ratings), [['ann', 'x', 2]]);
  t.is(ratings.duplicates.count, 1);
});

test('timestamps are kept if any row has one; dates are Unix seconds', (t) => {
  const ratings = ratingsFromRows([
    { user: 'ann', item: 'x', rating: 4, timestamp: new Date('1970-01-01T00:01:00.5Z') },
    { user: 'ann', item: 'x', rating: 2 },
    { user: 'bob', item: 'x', timestamp: 5 },
    { user: 'bob', item: 'y' },
  ]);

  t.deepEqual(timesByUser(ratings), [
    ['ann', 'x', 60.5],
    ['bob', 'x', 5],
    ['bob', 'y', Number.NEGATIVE_INFINITY],
  ]);
  t.deepEqual(triplesByUser(ratings)[0], ['ann', 'x', 4]);
  t.is(ratingsFromRows([{ user: 1, item: 1 }]).timestamps, undefined);
});

test('a timestamp that is no time is refused', (t) => {
  for (const timestamp of [Number.NaN, new Date('never'), '2020-01-01' as never]) {
    t.throws(() => ratingsFromRows([{ user: 1, item: 2, timestamp }]), {
      instanceOf: InvalidRatingError,
      message: /timestamp .* at entry 0/,
    });
  }
});

test('duplicates: error names the ids', (t) => {
  const row = { user: 'ann', item: 'x' };

  t.throws(() => ratingsFromRows([row, row], { duplicates: 'error' }), {
    instanceOf: DuplicateRatingError,
    message: /user ann, item x/,
  });
});

const refuses = test.macro({
  exec(t, row: object, instanceOf: new (...args: never[]) => Error, message: RegExp) {
    const rows = [
      { user: 'ann', item: 'x' },
      { user: 'bob', item: 'y', ...row },
    ];
    t.throws(() => ratingsFromRows(rows), { instanceOf, message });
  },
  title: (provided) => `${provided} is refused`,
});
test(
  'a missing user',
  refuses,
  { user: undefined },
  InvalidIdError,
  /user id undefined at entry 1/,
);
test('a null item', refuses, { item: null }, InvalidIdError, /item id null at entry 1/);
test('a NaN id', refuses, { item: Number.NaN }, InvalidIdError, /item id NaN/);
test('an object as id', refuses, { user: {} }, InvalidIdError, /user id an Object/);
test('a NaN rating', refuses, { rating: Number.NaN }, InvalidRatingError, /NaN at entry 1/);
test('text as rating', refuses, { rating: '5' }, InvalidRatingError, /entry 1/);
test('a null rating', refuses, { rating: null }, InvalidRatingError, /null at entry 1/);

test('rows that cannot be iterated are refused', (t) => {
  t.throws(() => ratingsFromRows({} as never), { instanceOf: InvalidOptionError });
});

const refusesFields = test.macro({
  exec(t, row: object, instanceOf: new (...args: never[]) => Error, message: RegExp) {
    t.throws(() => ratingsFromRows([row as never]), { instanceOf, message });
  },
  title: (provided) => `rows with ${provided} are refused`,
});
test(
  'other names of ids',
  refusesFields,
  { userId: 1, itemId: 2 },
  InvalidIdError,
  /found the fields userId, itemId at entry 0, and no user; expected { user, item,/,
);
test('lists in place of objects', refusesFields, [1, 2, 3], InvalidIdError, /found a list at/);
test(
  'a rating under another name',
  refusesFields,
  { user: 1, item: 2, play_count: 3 },
  InvalidRatingError,
  /no rating at entry 0, but play_count: 3; .*try { \.\.\.row, rating: row\.play_count }/,
);

test('other fields of rows, and amounts beside a rating, are left alone', (t) => {
  const rows = [
    { user: 1, item: 2, rating: 5, plays: 3 },
    { user: 2, item: 2, title: 'tea', price: 3 },
  ];

  t.deepEqual([...ratingsFromRows(rows.slice(0, 1)).byUser.ratings], [5]);
  t.deepEqual([...ratingsFromRows(rows.slice(1)).byUser.ratings], [1]);
});
