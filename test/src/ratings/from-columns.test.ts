import test from 'ava';
import fc from 'fast-check';
import {
  DuplicateRatingError,
  InvalidIdError,
  InvalidOptionError,
  InvalidRatingError,
} from '../../../src/errors.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import type { DuplicatesPolicy } from '../../../src/ratings/ratings.js';
import {
  rowCounts,
  timesByUser,
  triplesByItem,
  triplesByUser,
} from '../../helpers/builders/rating-triples.js';

const small = {
  users: [2, 0, 2, 1, 2],
  items: [1, 1, 0, 1, 3],
  ratings: [5, 4, 3, -2, 1.5],
  userCount: 4,
  itemCount: 4,
};

test('both orientations hold the same ratings under the same ids', (t) => {
  const ratings = ratingsFromColumns(small);

  const expected = [
    [0, 1, 4],
    [1, 1, -2],
    [2, 0, 3],
    [2, 1, 5],
    [2, 3, 1.5],
  ];
  t.deepEqual<unknown, unknown>(triplesByUser(ratings), expected);
  t.deepEqual<unknown, unknown>(triplesByItem(ratings), expected);
});

test('rows are numbered by falling count, ties by position, and empty rows come last', (t) => {
  const { users, items, byUser, byItem } = ratingsFromColumns(small);

  t.deepEqual([...users.positions], [2, 0, 1, 3]);
  t.deepEqual([...items.positions], [1, 0, 3, 2]);
  t.deepEqual(rowCounts(byUser.offsets), [3, 1, 1, 0]);
  t.deepEqual(rowCounts(byItem.offsets), [3, 1, 1, 0]);
});

test('ratings that are left out are 1', (t) => {
  const { byUser } = ratingsFromColumns({ users: [0], items: [0], userCount: 1, itemCount: 1 });

  t.deepEqual([...byUser.ratings], [1]);
});

test('timestamps follow their ratings, and the latest of a pair counts', (t) => {
  const ratings = ratingsFromColumns({
    ...small,
    users: [2, 0, 2, 1, 2],
    items: [1, 1, 1, 1, 3],
    timestamps: [9, Number.NEGATIVE_INFINITY, 3, 1e12, 5],
  });

  t.deepEqual(timesByUser(ratings), [
    [0, 1, Number.NEGATIVE_INFINITY],
    [1, 1, 1e12],
    [2, 1, 9],
    [2, 3, 5],
  ]);
  t.is(triplesByUser(ratings)[2]![2], 5);
  t.is(ratingsFromColumns(small).timestamps, undefined);
});

test('no entries give empty rows', (t) => {
  const { byUser, byItem } = ratingsFromColumns({ ...small, users: [], items: [], ratings: [] });

  t.deepEqual([...byUser.offsets], [0, 0, 0, 0, 0]);
  t.is(byItem.columns.length, 0);
});

test('everything lies in one arena and nothing temporary is left in it', (t) => {
  const { arena, byUser, byItem, users, items } = ratingsFromColumns(small);

  const kept = [byUser, byItem].flatMap((rows) => [rows.offsets, rows.columns, rows.ratings]);
  kept.push(users.positions, items.positions);
  t.true(kept.every((array) => array.buffer.byteLength <= arena.memory.buffer.byteLength));
  t.is(arena.usedBytes, kept.length * 64);
});

const entries = fc.array(
  fc.tuple(fc.nat(5), fc.nat(5), fc.float({ min: -8, max: 8, noNaN: true })),
  { maxLength: 40 },
);
const policies: DuplicatesPolicy[] = ['sum', 'max', 'mean'];

for (const duplicates of policies) {
  test(`${duplicates}: the result does not depend on the order of the entries`, (t) => {
    const build = (rows: [number, number, number][]) =>
      ratingsFromColumns({
        users: rows.map(([user]) => user),
        items: Uint8Array.from(rows, ([, item]) => item),
        ratings: Float32Array.from(rows, ([, , rating]) => rating),
        userCount: 6,
        itemCount: 6,
        duplicates,
      });
    const shuffled = entries.chain((rows) =>
      fc.tuple(
        fc.constant(rows),
        fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
      ),
    );

    fc.assert(
      fc.property(shuffled, ([rows, others]) => {
        const { arena: _, ...one } = build(rows);
        const { arena: __, ...other } = build(others);
        t.deepEqual(one.byUser, other.byUser);
        t.deepEqual(one.byItem, other.byItem);
        t.deepEqual(one.duplicates, other.duplicates);
      }),
      { seed: 42, numRuns: 50 },
    );
  });
}

test('columns ascend and are distinct in every row', (t) => {
  fc.assert(
    fc.property(entries, (rows) => {
      const { byUser, byItem } = ratingsFromColumns({
        users: rows.map(([user]) => user),
        items: rows.map(([, item]) => item),
        userCount: 6,
        itemCount: 6,
      });
      for (const { rowCount, offsets, columns } of [byUser, byItem]) {
        for (let row = 0; row < rowCount; row++) {
          const inRow = [...columns.subarray(offsets[row]!, offsets[row + 1]!)];
          t.deepEqual(
            inRow,
            [...new Set(inRow)].sort((a, b) => a - b),
          );
        }
      }
    }),
    { seed: 42, numRuns: 50 },
  );
});

const merges = test.macro({
  exec(t, duplicates: DuplicatesPolicy | undefined, expected: number) {
    const ratings = ratingsFromColumns({
      users: [0, 1, 0, 0],
      items: [0, 0, 0, 0],
      ratings: [4, 1, 5, 3],
      userCount: 2,
      itemCount: 1,
      duplicates,
    });

    t.deepEqual(triplesByUser(ratings), [
      [0, 0, expected],
      [1, 0, 1],
    ]);
    t.deepEqual(triplesByItem(ratings), triplesByUser(ratings));
    t.deepEqual(ratings.duplicates, { policy: duplicates ?? 'last', count: 2 });
  },
  title: (_, duplicates, expected) =>
    `${duplicates ?? 'by default'} makes 4, 5, 3 into ${expected}`,
});
test(merges, undefined, 3);
test(merges, 'last', 3);
test(merges, 'sum', 12);
test(merges, 'max', 5);
test(merges, 'mean', 4);

test('duplicates: error counts them and names one', (t) => {
  const error = t.throws(
    () => ratingsFromColumns({ ...small, users: [2, 2, 2, 1, 2], duplicates: 'error' }),
    { instanceOf: DuplicateRatingError, code: 'ERR_DUPLICATE_RATING' },
  );

  t.is(error?.duplicateCount, 1);
  t.regex(error?.message ?? '', /user 2, item 1/);
});

test('a sum of duplicates that float32 cannot hold is refused', (t) => {
  const huge = { users: [0, 0], items: [0, 0], ratings: [3e38, 3e38], userCount: 1, itemCount: 1 };

  t.throws(() => ratingsFromColumns({ ...huge, duplicates: 'sum' }), {
    instanceOf: InvalidRatingError,
    code: 'ERR_INVALID_RATING',
  });
});

const refuses = test.macro({
  exec(t, change: object, instanceOf: new (...args: never[]) => Error, message: RegExp) {
    t.throws(() => ratingsFromColumns({ ...small, ...change }), { instanceOf, message });
  },
  title: (provided) => `${provided} is refused`,
});
test('a NaN rating', refuses, { ratings: [5, Number.NaN, 1, 1, 1] }, InvalidRatingError, /entry 1/);
test(
  'an infinite rating',
  refuses,
  { ratings: [5, 4, 1 / 0, 1, 1] },
  InvalidRatingError,
  /entry 2/,
);
test(
  'a rating beyond float32',
  refuses,
  { ratings: [1e300, 4, 1, 1, 1] },
  InvalidRatingError,
  /e\+300/,
);
test(
  'an index that is too large',
  refuses,
  { users: [2, 0, 4, 1, 2] },
  InvalidIdError,
  /user index 4/,
);
test('a negative index', refuses, { items: [1, -1, 0, 1, 3] }, InvalidIdError, /item index -1/);
test('a fractional index', refuses, { items: [1, 0.5, 0, 1, 3] }, InvalidIdError, /item index 0.5/);
test('a NaN index', refuses, { users: [0, Number.NaN, 0, 1, 3] }, InvalidIdError, /user index NaN/);
test(
  'a NaN time',
  refuses,
  { timestamps: [1, 2, Number.NaN, 4, 5] },
  InvalidRatingError,
  /entry 2/,
);
test('times of another length', refuses, { timestamps: [1] }, InvalidOptionError, /timestamps/);
test('a column of another length', refuses, { ratings: [1] }, InvalidOptionError, /ratings/);
test('a column that is no array', refuses, { items: 'ab' }, InvalidOptionError, /items/);
test('a count that is no integer', refuses, { userCount: 1.5 }, InvalidOptionError, /userCount/);
test('an unknown policy', refuses, { duplicates: 'first' }, InvalidOptionError, /duplicates/);
