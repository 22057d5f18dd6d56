import test from 'ava';
import fc from 'fast-check';
import { Arena } from '../../../src/arena.js';
import { buildRatings } from '../../../src/ratings/build-ratings.js';
import { denseIds } from '../../../src/ratings/id-vocabulary.js';
import type { DuplicatesPolicy } from '../../../src/ratings/ratings.js';
import {
  timesByUser,
  triplesByItem,
  triplesByUser,
} from '../../helpers/builders/rating-triples.js';

interface Entry {
  readonly user: number;
  readonly item: number;
  readonly rating: number;
  readonly time: number;
}

function build(entries: readonly Entry[], duplicates: DuplicatesPolicy = 'last') {
  const arena = new Arena();
  const users = arena.uint32(entries.length);
  const items = arena.uint32(entries.length);
  const ratings = arena.float32(entries.length);
  const timestamps = arena.float64(entries.length);
  for (const [at, { user, item, rating, time }] of entries.entries()) {
    users[at] = user;
    items[at] = item;
    ratings[at] = rating;
    timestamps[at] = time;
  }
  return buildRatings({
    arena,
    users,
    items,
    ratings,
    timestamps,
    userIds: denseIds(4),
    itemIds: denseIds(4),
    duplicates,
  });
}

function asText(a: readonly unknown[], b: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1;
}

const entry = fc.record({
  user: fc.nat(3),
  item: fc.nat(3),
  rating: fc.integer({ min: 1, max: 100 }),
  time: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Number.NEGATIVE_INFINITY)),
});

test('with timestamps the latest rating of a pair counts, the later row among equal times', (t) => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
      const latest = new Map<string, Entry>();
      for (const next of entries) {
        const known = latest.get(`${next.user},${next.item}`);
        if (known === undefined || next.time >= known.time) {
          latest.set(`${next.user},${next.item}`, next);
        }
      }

      const ratings = build(entries);

      const expected = [...latest]
        .map(([, { user, item, rating }]) => [user, item, rating])
        .sort(asText);
      t.deepEqual<unknown, unknown>(triplesByUser(ratings), expected);
      t.deepEqual<unknown, unknown>(triplesByItem(ratings), expected);
      t.is(ratings.duplicates.count, entries.length - latest.size);
      const times = [...latest].map(([, { user, item, time }]) => [user, item, time]);
      t.deepEqual<unknown, unknown>(timesByUser(ratings), times.sort(asText));
    }),
    { seed: 42, numRuns: 200 },
  );
});

test('the columns and timestamps of the entries are released to the arena', (t) => {
  const { arena } = build([{ user: 0, item: 1, rating: 2, time: 3 }]);

  // Two orientations of three arrays, two arrays of positions and the times, 64 bytes each.
  t.is(arena.usedBytes, 9 * 64);
});

const keepsTime = test.macro({
  exec(t, duplicates: DuplicatesPolicy, expected: number) {
    const pair = { user: 1, item: 2 };
    const ratings = build(
      [
        { ...pair, rating: 5, time: 20 },
        { ...pair, rating: 5, time: 10 },
        { ...pair, rating: 3, time: 30 },
        { user: 0, item: 2, rating: 1, time: 7 },
      ],
      duplicates,
    );

    t.deepEqual(timesByUser(ratings), [
      [0, 2, 7],
      [1, 2, expected],
    ]);
  },
  title: (_, duplicates, expected) =>
    `${duplicates} of 5 at 20, 5 at 10 and 3 at 30 was made at ${expected}`,
});
test(keepsTime, 'last', 30);
test(keepsTime, 'max', 20);
test(keepsTime, 'sum', 30);
test(keepsTime, 'mean', 30);
