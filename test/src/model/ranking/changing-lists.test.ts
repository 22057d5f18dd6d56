import test from 'ava';
import { MemoryLimitError } from '../../../../src/errors.js';
import { ChangingLists } from '../../../../src/model/ranking/changing-lists.js';
import { randomAt } from '../../../../src/random.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';

const [users, items, rank] = [60, 3000, 16];
const ratings = randomRatings({ users, items, density: 0.01 });
const rows = Array.from({ length: users / 2 }, (_, at) => 2 * at);

/** Factors that another seed changes; every fourth item is the one before, so that scores tie. */
const factorsOf = (seed: number) => {
  const random = (count: number, side: number) =>
    Float32Array.from({ length: count * rank }, (_, at) => randomAt(seed, side, at) - 0.5);
  const itemFactors = random(items, 1);
  for (let row = 3; row < items; row += 4) {
    itemFactors.copyWithin(row * rank, (row - 1) * rank, row * rank);
  }
  return { userFactors: random(users, 0), itemFactors, stride: rank };
};

const listsIn = (memoryBytes?: number) =>
  new ChangingLists(ratings, {
    ...{ rows, count: 20, rank },
    ...(memoryBytes !== undefined && { memoryBytes }),
  });

test('items in several memories give the lists of one, also when factors have changed', (t) => {
  const whole = listsIn();
  // The items' factors alone take 192,000 bytes, twice.
  const parts = listsIn(100_000);

  const expected = [1, 2].map((seed) => whole.of(factorsOf(seed)));
  const actual = [1, 2].map((seed) => parts.of(factorsOf(seed)));

  t.notDeepEqual(expected[0], expected[1]);
  t.deepEqual(actual, expected);
});

test('items of which not one fits a memory are refused with the bytes', (t) => {
  const error = t.throws(() => listsIn(1000).of(factorsOf(1)), { instanceOf: MemoryLimitError });

  t.true(error!.neededBytes > 1000);
  t.is(error!.limitBytes, 1000);
});
