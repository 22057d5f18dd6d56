import test from 'ava';
import { fingerprintRatings } from '../../../src/ratings/fingerprint.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import { type RatingRow, ratingsFromRows } from '../../../src/ratings/from-rows.js';

const rows: readonly RatingRow[] = [
  { user: 'ann', item: 1, rating: 5 },
  { user: 'bob', item: 2, rating: 3 },
  { user: 'bob', item: 1, rating: 4 },
];
const of = (given: readonly RatingRow[]) => fingerprintRatings(ratingsFromRows(given));
const columns = (order: readonly number[]) =>
  ratingsFromColumns({
    users: order.map((at) => [0, 1, 1][at]!),
    items: order.map((at) => [0, 1, 0][at]!),
    ratings: order.map((at) => [5, 3, 4][at]!),
    userCount: 2,
    itemCount: 2,
  });

test('equal ratings have one fingerprint, wherever they lie in memory', async (t) => {
  t.is(await of(rows), await of([...rows]));
  t.regex(await of(rows), /^[0-9a-f]{64}$/);
});

test('dense ratings have one fingerprint in any order', async (t) => {
  const inOrder = await fingerprintRatings(columns([0, 1, 2]));

  t.is(await fingerprintRatings(columns([2, 0, 1])), inOrder);
});

const others: Readonly<Record<string, readonly RatingRow[]>> = {
  'another rating': [rows[0]!, rows[1]!, { ...rows[2]!, rating: 2 }],
  'one rating less': rows.slice(0, 2),
  'another item': [rows[0]!, { ...rows[1]!, item: 3 }, rows[2]!],
  'another user': rows.map((row) => ({ ...row, user: row.user === 'ann' ? 'eve' : row.user })),
  'ids of another type': rows.map((row) => ({ ...row, item: `${row.item}` })),
  'ids that are bigints': rows.map((row) => ({ ...row, item: BigInt(row.item) })),
  'ids numbered in another order': rows.toReversed(),
};
for (const [name, given] of Object.entries(others)) {
  test(`${name} changes the fingerprint`, async (t) => {
    t.not(await of(given), await of(rows));
  });
}

test('ids that look alike when joined have different fingerprints', async (t) => {
  const pair = (first: string, second: string) =>
    of([
      { user: first, item: 1 },
      { user: second, item: 1 },
    ]);

  t.not(await pair('a\n"b', 'c'), await pair('a', 'b"\nc'));
});
