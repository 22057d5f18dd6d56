import test from 'ava';
import { firstValueFrom, lastValueFrom, of, take, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { inProcess } from '../../../actors/placements/in-process.js';
import { crossValidate } from '../../../dataflow/splits/cross-validate.js';
import { train } from '../../../dataflow/training/train.js';
import { InvalidOptionError } from '../../../src/errors.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { nineRatings, sizes } from '../../helpers/suites/follows-source.js';

const wrong = { instanceOf: InvalidOptionError, code: 'ERR_INVALID_OPTION' };

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
        const input = cold<Ratings>(source, { r: nineRatings });
        const folds = input.pipe(crossValidate(3), sizes);
        expectObservable(folds, stop).toBe(expected, { s: '6+3' });
        expectSubscriptions(input.subscriptions).toBe(subscription);
      },
    );
  }
});

test('crossValidate makes no fold that is not subscribed to', async (t) => {
  const splits = await lastValueFrom(of(nineRatings).pipe(crossValidate(3), take(2), toArray()));

  t.is(splits.length, 2);
});

test('training on folds runs them one after the other', async (t) => {
  const options = { rank: 2, iterations: 1, placement: inProcess() };

  const events = await lastValueFrom(
    of(nineRatings).pipe(crossValidate(3), train(options), toArray()),
  );

  const types = events.map(({ type }) => type).filter((type) => type !== 'phase');
  t.deepEqual(
    types,
    [1, 2, 3].flatMap(() => ['started', 'iteration', 'finished']),
  );
});

test('wrong options throw at once', (t) => {
  t.throws(() => crossValidate(1), wrong);
  t.throws(() => crossValidate(256), wrong);
  t.throws(() => crossValidate(5, { seed: -1 }), wrong);
});

test('ratings that do not allow the split are an error of the stream', async (t) => {
  const untimed = ratingsFromColumns({ users: [0, 1], items: [0, 1], userCount: 2, itemCount: 2 });

  await t.throwsAsync(firstValueFrom(of(untimed).pipe(crossValidate(3))), wrong);
});
