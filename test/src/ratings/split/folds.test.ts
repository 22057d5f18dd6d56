import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { InvalidOptionError } from '../../../../src/errors.js';
import { foldsOf } from '../../../../src/ratings/split/folds.js';
import { syntheticRatings } from '../../../../src/ratings/synthetic-ratings.js';
import {
  rowCounts,
  triplesByItem,
  triplesByUser,
} from '../../../helpers/builders/rating-triples.js';

const source = syntheticRatings({ users: 60, items: 50, count: 903, seed: 3 });
const asText = (a: unknown, b: unknown) => (String(a) < String(b) ? -1 : 1);

test('every rating is withheld exactly once and trained on in all other folds', (t) => {
  const folds = foldsOf(source, 5, 7);

  t.is(folds.length, 5);
  const withheld = folds.flatMap((fold) => triplesByUser(fold.test));
  t.deepEqual(withheld.sort(asText), triplesByUser(source));
  for (const { train, test: held } of folds) {
    t.deepEqual([...triplesByUser(train), ...triplesByUser(held)].sort(asText), withheld);
    t.deepEqual(triplesByItem(train), triplesByUser(train));
    t.is(train.users, source.users);
    t.is(train.arena, held.arena);
  }
});

test('folds are of one size, and take as many of each user, give or take a rating', (t) => {
  const counts = rowCounts(source.byUser.offsets);
  for (const { test: held } of foldsOf(source, 5, 7)) {
    t.true(Math.abs(held.byUser.columns.length - 903 / 5) < 1);
    for (const [row, count] of rowCounts(held.byUser.offsets).entries()) {
      t.true(Math.abs(count - counts[row]! / 5) < 1);
    }
  }
});

test('the same seed makes the same folds, another seed other ones', (t) => {
  const withheld = (seed: number) => triplesByUser(foldsOf(source, 3, seed)[0]!.test);

  t.deepEqual(withheld(1), withheld(1));
  t.notDeepEqual(withheld(1), withheld(2));
});

test('a fold is made once, when it is read, outside the arena of the source', (t) => {
  const used = source.arena.usedBytes;
  const [fold] = foldsOf(source, 4, 1);

  const { train } = fold!;

  t.is(fold!.train, train);
  t.not(train.arena, source.arena);
  t.is(source.arena.usedBytes, used);
});

test('folds without references are garbage collected', async (t) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');

  const arenas = foldsOf(source, 5, 1).map(({ train }) => new WeakRef(train.arena));
  // What a weak reference was made for lives until the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();

  t.deepEqual(
    arenas.map((arena) => arena.deref()),
    Array(5).fill(undefined),
  );
});

test('fewer ratings than folds are refused', (t) => {
  const few = syntheticRatings({ users: 2, items: 2, count: 3, seed: 1 });

  t.throws(() => foldsOf(few, 4, 1), { instanceOf: InvalidOptionError, message: /k is 4/ });
});
