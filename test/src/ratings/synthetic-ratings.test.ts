import test from 'ava';
import { InvalidOptionError } from '../../../src/errors.js';
import { type SyntheticOptions, syntheticRatings } from '../../../src/ratings/synthetic-ratings.js';
import { rowCounts, triplesByUser } from '../../helpers/builders/rating-triples.js';

test('makes exactly the requested number of ratings, no pair twice', (t) => {
  const { byUser, byItem, duplicates } = syntheticRatings({ users: 300, items: 200, count: 5000 });

  t.is(byUser.columns.length, 5000);
  t.is(byItem.columns.length, 5000);
  t.is(duplicates.count, 0);
});

test('density is the share of rated cells', (t) => {
  t.is(syntheticRatings({ users: 30, items: 20, density: 0.25 }).byUser.columns.length, 150);
});

test('equal options make equal ratings, another seed other ones', (t) => {
  const options = { users: 40, items: 30, density: 0.1 };

  const ratings = triplesByUser(syntheticRatings({ ...options, seed: 7 }));

  t.deepEqual(triplesByUser(syntheticRatings({ ...options, seed: 7 })), ratings);
  t.notDeepEqual(triplesByUser(syntheticRatings({ ...options, seed: 8 })), ratings);
});

test('every user rates something where there are enough ratings', (t) => {
  const { byUser } = syntheticRatings({ users: 1000, items: 50, count: 2000 });

  t.is(Math.min(...rowCounts(byUser.offsets)), 1);
});

test('few users and items rate and are rated much more than the median', (t) => {
  const { byUser, byItem } = syntheticRatings({ users: 2000, items: 1000, count: 40_000 });

  for (const { offsets } of [byUser, byItem]) {
    const counts = rowCounts(offsets);
    t.true(counts[0]! > 10 * counts[counts.length >> 1]!);
  }
});

test('ratings are whole numbers from 1 to 5, 4 the most frequent', (t) => {
  const { ratings } = syntheticRatings({ users: 200, items: 100, count: 5000 }).byUser;

  const counts = [0, 0, 0, 0, 0, 0];
  for (const rating of ratings) counts[rating]!++;
  t.is(counts[0], 0);
  t.is(
    counts.reduce((sum, count) => sum + count),
    5000,
  );
  t.is(Math.max(...counts), counts[4]!);
});

const makes = test.macro({
  exec(t, options: SyntheticOptions, count: number) {
    const { byUser } = syntheticRatings(options);

    t.is(byUser.columns.length, count);
    t.is(byUser.rowCount, options.users);
    t.is(byUser.columnCount, options.items);
  },
  title: (provided) => `makes ${provided}`,
});
test('every cell', makes, { users: 20, items: 30, density: 1 }, 600);
test('a single cell', makes, { users: 1, items: 1, count: 1 }, 1);
test('fewer ratings than users', makes, { users: 50, items: 40, count: 3 }, 3);
test('fewer items than genres', makes, { users: 50, items: 3, count: 70 }, 70);
test('one item', makes, { users: 9, items: 1, count: 4 }, 4);

const refuses = test.macro({
  exec(t, change: object, option: string) {
    const error = t.throws(() => syntheticRatings({ users: 10, items: 10, ...change }), {
      instanceOf: InvalidOptionError,
      code: 'ERR_INVALID_OPTION',
    });
    t.is(error?.option, option);
  },
  title: (provided) => `${provided} is refused`,
});
test('neither density nor count', refuses, {}, 'density');
test('both density and count', refuses, { density: 0.1, count: 10 }, 'density');
test('density 0', refuses, { density: 0 }, 'density');
test('density above 1', refuses, { density: 1.1 }, 'density');
test('more ratings than cells', refuses, { count: 101 }, 'count');
test('no users', refuses, { users: 0, count: 1 }, 'users');
test('half an item', refuses, { items: 0.5, count: 1 }, 'items');
test('a negative seed', refuses, { count: 1, seed: -1 }, 'seed');
