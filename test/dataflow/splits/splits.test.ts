import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import { firstValueFrom, lastValueFrom, map, type OperatorFunction, of, take, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { inProcess } from '../../../actors/placements/in-process.js';
import { fromFile } from '../../../dataflow/sources/from-file.js';
import { crossValidate } from '../../../dataflow/splits/cross-validate.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { withTest } from '../../../dataflow/splits/with-test.js';
import { train } from '../../../dataflow/training/train.js';
import { InvalidOptionError } from '../../../src/errors.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import type { Ratings, RatingsSplit } from '../../../src/ratings/ratings.js';

const ratings = ratingsFromColumns({
  users: [0, 0, 0, 1, 1, 1, 2, 2, 2],
  items: [0, 1, 2, 0, 1, 2, 0, 1, 2],
  timestamps: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  userCount: 3,
  itemCount: 3,
});

/** Trained on, withheld and visible: how many of each. */
const sizes = map(({ train, test, foldIn }: RatingsSplit) =>
  [train, test, ...(foldIn ? [foldIn] : [])].map(({ byUser }) => byUser.columns.length).join('+'),
);

const follows = test.macro({
  exec(t, split: OperatorFunction<Ratings, RatingsSplit>, size: string) {
    for (const [source, expected, subscription] of [
      ['-', '-', '^----!'],
      ['--|', '--|', '^-!'],
      ['-r|', '-s|', '^-!'],
      ['-r-r|', '-s-s|', '^---!'],
      ['-r#', '-s#', '^-!'],
      ['-r-r-r-', '-s-s-', '^----!'],
    ] as const) {
      new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(
        ({ cold, expectObservable, expectSubscriptions }) => {
          const input = cold<Ratings>(source, { r: ratings });
          expectObservable(input.pipe(split, sizes), '-----!').toBe(expected, { s: size });
          expectSubscriptions(input.subscriptions).toBe(subscription);
        },
      );
    }
  },
  title: (name) => `${name} follows its source: never, empty, one, many, error, unsubscribe`,
});
test('holdout', follows, holdout({ fraction: 0.3, seed: 1 }), '6+3');
test('holdout of the last', follows, holdout({ last: 1 }), '6+3');
test('holdout of some of each user', follows, holdout({ perUser: 2 }), '3+6');
test('holdout of whole users', follows, holdout({ users: 1, visible: 0.4 }), '6+2+1');
test('holdout by date', follows, holdout({ after: new Date(8000) }), '7+2');
test('withTest', follows, withTest(of(ratings)), '9+9');

test('crossValidate gives all folds: never, empty, one, many, error, unsubscribe', (t) => {
  for (const [source, expected, subscription, stop = '------------!'] of [
    ['-', '-', '^-----------!'],
    ['--|', '--|', '^-!'],
    ['-r----|', '-(sss)|', '^-----!'],
    ['-r----r----|', '-(sss)(sss)|', '^----------!'],
    ['-r----#', '-(sss)#', '^-----!'],
    ['-r----r', '-(sss)', '^----!', '-----!'],
  ] as const) {
    new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(
      ({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold<Ratings>(source, { r: ratings });
        const folds = input.pipe(crossValidate(3), sizes);
        expectObservable(folds, stop).toBe(expected, { s: '6+3' });
        expectSubscriptions(input.subscriptions).toBe(subscription);
      },
    );
  }
});

test('withTest leaves the test source that it waits for', (t) => {
  new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(
    ({ cold, expectObservable, expectSubscriptions }) => {
      const [input, tests] = [cold<Ratings>('-r|', { r: ratings }), cold<Ratings>('-')];

      expectObservable(input.pipe(withTest(tests)), '----!').toBe('-');
      expectSubscriptions(tests.subscriptions).toBe('-^--!');
    },
  );
});

test('crossValidate makes no fold that nobody asks for', async (t) => {
  const splits = await lastValueFrom(of(ratings).pipe(crossValidate(3), take(2), toArray()));

  t.is(splits.length, 2);
});

test('training on folds runs them one after the other', async (t) => {
  const options = { rank: 2, iterations: 1, placement: inProcess() };

  const events = await lastValueFrom(of(ratings).pipe(crossValidate(3), train(options), toArray()));

  const types = events.map(({ type }) => type).filter((type) => type !== 'phase');
  t.deepEqual(
    types,
    [1, 2, 3].flatMap(() => ['started', 'iteration', 'finished']),
  );
});

test('training on whole users withheld validates nothing and hands the parts on', async (t) => {
  const options = { rank: 2, iterations: 1, placement: inProcess() };

  const events = await lastValueFrom(
    of(ratings).pipe(holdout({ users: 1 }), train(options), toArray()),
  );

  const started = events.find((event) => event.type === 'started');
  const finished = events.find((event) => event.type === 'finished');
  t.is(started?.heldOut, 0);
  t.is(finished?.train.byUser.columns.length, 6);
  t.is(finished?.test?.byUser.columns.length, 1);
  t.is(finished?.foldIn?.byUser.columns.length, 2);
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
  const wrong = { instanceOf: InvalidOptionError, code: 'ERR_INVALID_OPTION' };

  t.throws(() => holdout({ fraction: 2 }), wrong);
  t.throws(() => crossValidate(1), wrong);
  t.throws(() => crossValidate(256), wrong);
  t.throws(() => crossValidate(5, { seed: -1 }), wrong);
  t.throws(() => withTest('u1.test' as never), wrong);
});

test('ratings that do not allow the split are an error of the stream', async (t) => {
  const untimed = ratingsFromColumns({ users: [0, 1], items: [0, 1], userCount: 2, itemCount: 2 });
  const wrong = { instanceOf: InvalidOptionError };

  await t.throwsAsync(firstValueFrom(of(untimed).pipe(holdout({ last: 1 }))), wrong);
  await t.throwsAsync(firstValueFrom(of(untimed).pipe(crossValidate(3))), wrong);
  await t.throwsAsync(firstValueFrom(of(untimed).pipe(withTest(of()))), wrong);
});
