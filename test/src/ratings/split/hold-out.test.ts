import test from 'ava';
import { InvalidOptionError } from '../../../../src/errors.js';
import { ratingsFromColumns } from '../../../../src/ratings/from-columns.js';
import type { Ratings } from '../../../../src/ratings/ratings.js';
import { holdOut } from '../../../../src/ratings/split/hold-out.js';
import type { HoldoutOptions } from '../../../../src/ratings/split/holdout-options.js';
import { syntheticRatings } from '../../../../src/ratings/synthetic-ratings.js';
import {
  rowCounts,
  timesByUser,
  triplesByItem,
  triplesByUser,
} from '../../../helpers/builders/rating-triples.js';

const source = syntheticRatings({ users: 60, items: 50, count: 900, seed: 3 });

test('train and test together are the source', (t) => {
  const { train, test: withheld } = holdOut({ fraction: 0.3, seed: 7 })(source);

  const both = [...triplesByUser(train), ...triplesByUser(withheld)];
  t.deepEqual(
    both.sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    triplesByUser(source),
  );
});

test('timestamps stay with their ratings', (t) => {
  const timed = ratingsFromColumns({
    users: [0, 0, 0, 1, 1, 1],
    items: [0, 1, 2, 0, 1, 2],
    timestamps: [10, 11, 12, 20, 21, 22],
    userCount: 2,
    itemCount: 3,
  });

  const { train, test: withheld } = holdOut({ fraction: 0.4 })(timed);

  const both = [...timesByUser(train), ...timesByUser(withheld)];
  t.is(withheld.timestamps?.length, 2);
  t.deepEqual(
    both.sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    timesByUser(timed),
  );
});

test('every user loses the rounded share, but never the last rating', (t) => {
  const { train, test: withheld } = holdOut({ fraction: 0.8, seed: 7 })(source);

  const counts = rowCounts(source.byUser.offsets);
  t.deepEqual(
    rowCounts(withheld.byUser.offsets),
    counts.map((count) => Math.min(Math.round(count * 0.8), count - 1)),
  );
  t.true(counts.includes(1));
  t.is(Math.min(...rowCounts(train.byUser.offsets)), 1);
});

test('both halves keep rows, names and arena, and hold both orientations', (t) => {
  const { train, test: withheld } = holdOut()(source);

  for (const half of [train, withheld]) {
    t.is(half.arena, source.arena);
    t.is(half.users, source.users);
    t.is(half.items, source.items);
    t.is(half.byUser.rowCount, source.byUser.rowCount);
    t.deepEqual(triplesByItem(half), triplesByUser(half));
  }
});

test('the same seed withholds the same ratings, another seed other ones', (t) => {
  const withheld = (seed: number) => triplesByUser(holdOut({ fraction: 0.2, seed })(source).test);

  t.deepEqual(withheld(7), withheld(7));
  t.notDeepEqual(withheld(7), withheld(8));
});

test('the choice of withheld ratings does not depend on the numbering inside', (t) => {
  const cells = { users: [0, 0, 0, 0, 0, 0], items: [0, 1, 2, 3, 4, 5], itemCount: 6 };
  const plain = ratingsFromColumns({ ...cells, userCount: 1 });
  const renumbered = ratingsFromColumns({
    users: [...cells.users, 1, 1, 2],
    items: [...cells.items, 5, 4, 5],
    itemCount: 6,
    userCount: 3,
  });

  const of = (ratings: typeof plain) =>
    triplesByUser(holdOut({ fraction: 0.5 })(ratings).test).filter(([user]) => user === 0);

  t.notDeepEqual([...renumbered.items.positions], [...plain.items.positions]);
  t.is(of(plain).length, 3);
  t.deepEqual(of(renumbered), of(plain));
});

/** Users 0 … 3 with 5, 3, 2 and 1 ratings; times rise with the item. */
const timed = ratingsFromColumns({
  users: [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3],
  items: [0, 1, 2, 3, 4, 0, 1, 2, 0, 1, 0],
  timestamps: [10, 11, 12, 13, 14, 10, 11, 12, 10, 11, 10],
  userCount: 4,
  itemCount: 5,
});

test('last: the latest of each user are withheld, and at least one rating stays', (t) => {
  const { train, test: withheld } = holdOut({ last: 2 })(timed);

  t.deepEqual(pairs(withheld), ['0,3', '0,4', '1,1', '1,2', '2,1']);
  t.deepEqual(pairs(train), ['0,0', '0,1', '0,2', '1,0', '2,0', '3,0']);
});

test('last: ratings of unknown time are the earliest', (t) => {
  const ratings = ratingsFromColumns({
    users: [0, 0, 0],
    items: [0, 1, 2],
    timestamps: [Number.NEGATIVE_INFINITY, -5, Number.NEGATIVE_INFINITY],
    userCount: 1,
    itemCount: 3,
  });

  t.deepEqual(pairs(holdOut({ last: 1 })(ratings).test), ['0,1']);
});

test('last: equal times do not favour any item', (t) => {
  const users = Array.from({ length: 300 }, (_, at) => Math.floor(at / 3));
  const ratings = ratingsFromColumns({
    users,
    items: users.map((_, at) => at % 3),
    timestamps: users.map(() => 7),
    userCount: 100,
    itemCount: 3,
  });

  const withheld = holdOut({ last: 1 })(ratings).test;

  t.is(withheld.byUser.columns.length, 100);
  t.true(rowCounts(withheld.byItem.offsets).every((count) => count > 20 && count < 50));
});

test('perUser: as many of each user at random, and at least one rating stays', (t) => {
  const counts = (seed: number) => holdOut({ perUser: 2, seed })(timed).test.byUser.offsets;
  const withheld = (seed: number) => pairs(holdOut({ perUser: 2, seed })(timed).test);

  t.deepEqual(rowCounts(counts(1)), [2, 2, 1, 0]);
  t.deepEqual(withheld(1), withheld(1));
  t.true([2, 3, 4, 5].some((seed) => String(withheld(seed)) !== String(withheld(1))));
});

test('after: ratings of the moment and later are withheld, of all users', (t) => {
  const date = new Date(12_000);

  const { train, test: withheld } = holdOut({ after: 12 })(timed);

  t.deepEqual(pairs(withheld), ['0,2', '0,3', '0,4', '1,2']);
  t.is(train.byUser.columns.length, 7);
  t.deepEqual(pairs(holdOut({ after: date })(timed).test), pairs(withheld));
});

test('users: training does not see them; a part is visible and the rest is hidden', (t) => {
  const options = { users: 20, visible: 0.75, seed: 5 };

  const { train, test: hidden, foldIn: visible } = holdOut(options)(source);

  const counts = rowCounts(source.byUser.offsets);
  const inTrain = rowCounts(train.byUser.offsets);
  const inTest = rowCounts(hidden.byUser.offsets);
  const inFoldIn = rowCounts(visible!.byUser.offsets);
  const withheld = [...counts.keys()].filter((row) => inTest[row]! > 0);
  t.is(withheld.length, 20);
  for (const [row, count] of counts.entries()) {
    const isWithheld = withheld.includes(row);
    const seen = Math.min(Math.max(Math.round(count * 0.75), 1), count - 1);
    t.is(inTrain[row], isWithheld ? 0 : count);
    t.is(inFoldIn[row], isWithheld ? seen : 0);
    t.is(inTest[row], isWithheld ? count - seen : 0);
  }
  const all = [train, hidden, visible!].flatMap(triplesByUser);
  t.deepEqual(
    all.sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    triplesByUser(source),
  );
  t.deepEqual(triplesByItem(visible!), triplesByUser(visible!));
});

test('users: a share is of those with two ratings or more, and they depend on the seed', (t) => {
  const counts = rowCounts(source.byUser.offsets);
  const withheld = (seed: number) => {
    const { foldIn } = holdOut({ users: 0.3, seed })(source);
    return rowCounts(foldIn!.byUser.offsets).map((count) => count > 0);
  };

  const candidates = counts.filter((count) => count >= 2).length;
  t.is(withheld(1).filter(Boolean).length, Math.round(candidates * 0.3));
  t.deepEqual(withheld(1), withheld(1));
  t.notDeepEqual(withheld(1), withheld(2));
});

const refuses = test.macro({
  exec(t, options: object) {
    t.throws(() => holdOut(options as HoldoutOptions)(source), {
      instanceOf: InvalidOptionError,
      code: 'ERR_INVALID_OPTION',
    });
  },
  title: (provided) => `${provided} is refused`,
});
test('fraction 0', refuses, { fraction: 0 });
test('fraction 1', refuses, { fraction: 1 });
test('fraction NaN', refuses, { fraction: Number.NaN });
test('a fraction in words', refuses, { fraction: '0.1' });
test('a fraction too small to withhold anything', refuses, { fraction: 1e-9 });
test('last 0', refuses, { last: 0 });
test('half a rating a user', refuses, { perUser: 0.5 });
test('no users', refuses, { users: 0 });
test('users and a half', refuses, { users: 1.5 });
test('more users than there are', refuses, { users: 1000 });
test('everything visible', refuses, { users: 5, visible: 1 });
test('an invalid date', refuses, { after: new Date('never') });
test('two ways at once', refuses, { last: 1, fraction: 0.1 });
test('a seed where nothing is random', refuses, { last: 1, seed: 1 });
test('visible without users', refuses, { visible: 0.5 });
test('an unknown option', refuses, { share: 0.5 });
test('last without timestamps', refuses, { last: 1 });
test('after without timestamps', refuses, { after: 1 });
test('a fractional seed', refuses, { seed: 0.5 });

test('a moment without ratings before or after it is refused, with the range of timestamps', (t) => {
  for (const after of [10, 15, new Date('2020-01-01')]) {
    t.throws(() => holdOut({ after })(timed), {
      instanceOf: InvalidOptionError,
      message: /timestamps go from 10 to 14/,
    });
  }
});

test('a date is never compared with milliseconds', (t) => {
  const users = [0, 0, 0];
  const items = [0, 1, 2];
  // A zero for what is not known is before every date.
  const timestamps = [0, Date.UTC(2015, 0), Date.UTC(2021, 0)];
  const ratings = ratingsFromColumns({ users, items, timestamps, userCount: 1, itemCount: 3 });
  const after = new Date('2020-01-01');

  t.throws(() => holdOut({ after })(ratings), {
    instanceOf: InvalidOptionError,
    message: /no Unix seconds; try a number in their unit, date.getTime\(\)/,
  });
  t.deepEqual(pairs(holdOut({ after: after.getTime() })(ratings).test), ['0,2']);
  t.throws(() => holdOut({ after: after.getTime() })(timed), { message: /try a Date/ });
});

test('options of two ways do not compile together', (t) => {
  // @ts-expect-error last and fraction
  t.throws(() => holdOut({ last: 1, fraction: 0.1 }));
  // @ts-expect-error nothing is random here
  t.throws(() => holdOut({ after: 3, seed: 1 }));
  // @ts-expect-error visible belongs to users
  t.throws(() => holdOut({ perUser: 3, visible: 0.5 }));
});

function pairs(ratings: Ratings): string[] {
  return triplesByUser(ratings).map(([user, item]) => `${user},${item}`);
}
