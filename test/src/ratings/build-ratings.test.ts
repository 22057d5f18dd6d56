import test from 'ava';
import fc from 'fast-check';
import { Arena } from '../../../src/arena.js';
import { buildRatings } from '../../../src/ratings/build-ratings.js';
import { denseIds } from '../../../src/ratings/id-vocabulary.js';
import { triplesByItem, triplesByUser } from '../../helpers/rating-triples.js';

interface Entry {
  readonly user: number;
  readonly item: number;
  readonly rating: number;
  readonly time: number;
}

function build(entries: readonly Entry[]) {
  const arena = new Arena();
  const users = arena.uint32(entries.length);
  const items = arena.uint32(entries.length);
  const ratings = arena.float32(entries.length);
  const offset = arena.allocate(entries.length * 8);
  const timestamps = new Float64Array(arena.memory.buffer, offset, entries.length);
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
    duplicates: 'last',
  });
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
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { user, item, rating }]) => [user, item, rating]);
      t.deepEqual<unknown, unknown>(triplesByUser(ratings), expected);
      t.deepEqual<unknown, unknown>(triplesByItem(ratings), expected);
      t.is(ratings.duplicates.count, entries.length - latest.size);
    }),
    { seed: 42, numRuns: 200 },
  );
});

test('the columns and timestamps of the entries are given back to the arena', (t) => {
  const { arena } = build([{ user: 0, item: 1, rating: 2, time: 3 }]);

  // Two orientations of three arrays and two arrays of positions, 64 bytes each.
  t.is(arena.usedBytes, 8 * 64);
});
