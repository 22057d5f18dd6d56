import test from 'ava';
import { InvalidOptionError } from '../../../src/errors.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import { splitByFraction } from '../../../src/ratings/holdout.js';
import { synthetic } from '../../../src/ratings/synthetic.js';
import {
  rowCounts,
  timesByUser,
  triplesByItem,
  triplesByUser,
} from '../../helpers/rating-triples.js';

const source = synthetic({ users: 60, items: 50, count: 900, seed: 3 });

test('train and test together are the source', (t) => {
  const { train, test: withheld } = splitByFraction(source, { fraction: 0.3, seed: 7 });

  const both = [...triplesByUser(train), ...triplesByUser(withheld)];
  t.deepEqual(
    both.sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    triplesByUser(source),
  );
});

test('timestamps go with their ratings', (t) => {
  const timed = ratingsFromColumns({
    users: [0, 0, 0, 1, 1, 1],
    items: [0, 1, 2, 0, 1, 2],
    timestamps: [10, 11, 12, 20, 21, 22],
    userCount: 2,
    itemCount: 3,
  });

  const { train, test: withheld } = splitByFraction(timed, { fraction: 0.4 });

  const both = [...timesByUser(train), ...timesByUser(withheld)];
  t.is(withheld.timestamps?.length, 2);
  t.deepEqual(
    both.sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    timesByUser(timed),
  );
});

test('every user loses the rounded share, but never the last rating', (t) => {
  const { train, test: withheld } = splitByFraction(source, { fraction: 0.8, seed: 7 });

  const counts = rowCounts(source.byUser.offsets);
  t.deepEqual(
    rowCounts(withheld.byUser.offsets),
    counts.map((count) => Math.min(Math.round(count * 0.8), count - 1)),
  );
  t.true(counts.includes(1));
  t.is(Math.min(...rowCounts(train.byUser.offsets)), 1);
});

test('both halves keep rows, names and arena, and hold both orientations', (t) => {
  const { train, test: withheld } = splitByFraction(source);

  for (const half of [train, withheld]) {
    t.is(half.arena, source.arena);
    t.is(half.users, source.users);
    t.is(half.items, source.items);
    t.is(half.byUser.rowCount, source.byUser.rowCount);
    t.deepEqual(triplesByItem(half), triplesByUser(half));
  }
});

test('the same seed withholds the same ratings, another seed other ones', (t) => {
  const withheld = (seed: number) =>
    triplesByUser(splitByFraction(source, { fraction: 0.2, seed }).test);

  t.deepEqual(withheld(7), withheld(7));
  t.notDeepEqual(withheld(7), withheld(8));
});

test('what is withheld does not depend on the numbering inside', (t) => {
  const cells = { users: [0, 0, 0, 0, 0, 0], items: [0, 1, 2, 3, 4, 5], itemCount: 6 };
  const plain = ratingsFromColumns({ ...cells, userCount: 1 });
  const renumbered = ratingsFromColumns({
    users: [...cells.users, 1, 1, 2],
    items: [...cells.items, 5, 4, 5],
    itemCount: 6,
    userCount: 3,
  });

  const of = (ratings: typeof plain) =>
    triplesByUser(splitByFraction(ratings, { fraction: 0.5 }).test).filter(([user]) => user === 0);

  t.notDeepEqual([...renumbered.items.positions], [...plain.items.positions]);
  t.is(of(plain).length, 3);
  t.deepEqual(of(renumbered), of(plain));
});

const refuses = test.macro({
  exec(t, options: object) {
    t.throws(() => splitByFraction(source, options), {
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
test('a fractional seed', refuses, { seed: 0.5 });
