import test from 'ava';
import { firstValueFrom, lastValueFrom, of, toArray } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { train } from '../../../dataflow/training/train.js';
import { InvalidOptionError } from '../../../src/errors.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import { followsSource, nineRatings } from '../../helpers/suites/follows-source.js';

const wrong = { instanceOf: InvalidOptionError, code: 'ERR_INVALID_OPTION' };

test('a random share', followsSource, holdout({ fraction: 0.3, seed: 1 }), '6+3');
test('the last', followsSource, holdout({ last: 1 }), '6+3');
test('some of each user', followsSource, holdout({ perUser: 2 }), '3+6');
test('whole users', followsSource, holdout({ users: 1, visible: 0.4 }), '6+2+1');
test('by date', followsSource, holdout({ after: new Date(8000) }), '7+2');

test('training on whole users withheld validates nothing and hands the parts on', async (t) => {
  const options = { rank: 2, iterations: 1, placement: inProcess() };

  const events = await lastValueFrom(
    of(nineRatings).pipe(holdout({ users: 1 }), train(options), toArray()),
  );

  const started = events.find((event) => event.type === 'started');
  const finished = events.find((event) => event.type === 'finished');
  t.is(started?.heldOut, 0);
  t.is(finished?.train.byUser.columns.length, 6);
  t.is(finished?.test?.byUser.columns.length, 1);
  t.is(finished?.foldIn?.byUser.columns.length, 2);
});

test('wrong options throw at once', (t) => {
  t.throws(() => holdout({ fraction: 2 }), wrong);
});

test('ratings that do not allow the split are an error of the stream', async (t) => {
  const untimed = ratingsFromColumns({ users: [0, 1], items: [0, 1], userCount: 2, itemCount: 2 });

  await t.throwsAsync(firstValueFrom(of(untimed).pipe(holdout({ last: 1 }))), wrong);
});
