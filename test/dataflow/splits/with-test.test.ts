import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import { firstValueFrom, of } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { fromFile } from '../../../dataflow/sources/from-file.js';
import { withTest } from '../../../dataflow/splits/with-test.js';
import { InvalidOptionError } from '../../../src/errors.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { followsSource, nineRatings } from '../../helpers/suites/follows-source.js';

const wrong = { instanceOf: InvalidOptionError, code: 'ERR_INVALID_OPTION' };

/** Two ratings of an item that training does not know, and one that it is trained on. */
const threeRatings = ratingsFromColumns({
  users: [0, 1, 2],
  items: [3, 3, 0],
  userCount: 3,
  itemCount: 4,
});

test('ratings to test on', followsSource, withTest(of(threeRatings)), '9+2');

test('a test rating whose pair is trained on too is left out and counted', async (t) => {
  const split = await firstValueFrom(of(nineRatings).pipe(withTest(of(threeRatings))));

  t.deepEqual(split.leftOut, { seen: 1 });
});

test('withTest leaves the test source that it waits for', (t) => {
  new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(
    ({ cold, expectObservable, expectSubscriptions }) => {
      const [input, tests] = [cold<Ratings>('-r|', { r: nineRatings }), cold<Ratings>('-')];

      expectObservable(input.pipe(withTest(tests)), '----!').toBe('-');
      expectSubscriptions(tests.subscriptions).toBe('-^--!');
    },
  );
});

test('the official folds of ml-100k join into 80,000 and 20,000 ratings', async (t) => {
  const file = resolve('../shared/data/ml-100k/ratings.parquet');
  if (!existsSync(file)) {
    t.log(`skipped: no ${file}`);
    t.pass();
    return;
  }
  const base$ = fromFile(file, { where: 'fold <> 1' });
  const test$ = fromFile(file, { where: 'fold = 1' });

  const { train: base, test: held } = await firstValueFrom(base$.pipe(withTest(test$)));

  t.deepEqual([base.byUser.columns.length, held.byUser.columns.length], [80_000, 20_000]);
  t.deepEqual([held.byUser.rowCount, held.byItem.rowCount], [943, 1682]);
});

test('wrong options throw at once', (t) => {
  t.throws(() => withTest('u1.test' as never), wrong);
});

test('ratings that do not allow the split are an error of the stream', async (t) => {
  const untimed = ratingsFromColumns({ users: [0, 1], items: [0, 1], userCount: 2, itemCount: 2 });

  await t.throwsAsync(firstValueFrom(of(untimed).pipe(withTest(of()))), wrong);
});
