import test from 'ava';
import { lastValueFrom, map, NEVER, type Observable, of, tap, throwError, toArray } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { integers, logUniform } from '../../../dataflow/search/distributions.js';
import { randomSearch } from '../../../dataflow/search/random-search.js';
import { InvalidOptionError } from '../../../src/errors.js';
import type { RatingsSplit } from '../../../src/ratings/ratings.js';
import { inShort, pretend, smallSplit } from '../../helpers/builders/searches.js';

const split = smallSplit();
const options = {
  rank: [8, 16, 32],
  iterations: integers(1, 9),
  regularization: logUniform(1e-3, 10),
  alpha: 5,
};

/** Draws, and tries nothing. */
function drawn(trials: number, seed?: number) {
  const settings = { options, trials, metric: 'recall@5', trial: pretend(() => 0.5) } as const;
  return lastValueFrom(
    of(split).pipe(randomSearch({ ...settings, ...(seed !== undefined && { seed }) })),
  ).then((last) => {
    if (last.type !== 'finished') throw new Error('the last event is finished');
    return last.trials.map((trial) => trial.options);
  });
}

test('every option is drawn from where it is said', async (t) => {
  const trials = await drawn(60);

  t.is(trials.length, 60);
  t.deepEqual(
    [...new Set(trials.map(({ rank }) => rank))].sort((a, b) => a - b),
    [8, 16, 32],
  );
  t.deepEqual(
    [...new Set(trials.map(({ iterations }) => iterations))].sort(),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  t.true(trials.every(({ alpha }) => alpha === 5));
  t.true(trials.every(({ regularization }) => regularization >= 1e-3 && regularization < 10));
  // A third of four orders of magnitude each, more or less.
  const small = trials.filter(({ regularization }) => regularization < 0.1).length;
  t.true(small > 15 && small < 45, `${small} of 60 below 0.1`);
});

test('the seed decides, and more trials repeat the ones before', async (t) => {
  const five = await drawn(5, 7);

  t.deepEqual(await drawn(5, 7), five);
  t.deepEqual((await drawn(9, 7)).slice(0, 5), five);
  t.notDeepEqual(await drawn(5, 8), five);
});

test('a random search trains, measures and keeps the best model', async (t) => {
  const events = await lastValueFrom(
    of(split).pipe(
      randomSearch({
        options: { rank: integers(2, 6), regularization: logUniform(0.1, 100), iterations: 1 },
        trials: 2,
        metric: 'ndcg@5',
        concurrency: 1,
        placement: inProcess(),
      }),
      toArray(),
    ),
  );

  const ofTraining = ['started', 'phase', 'phase', 'iteration', 'evaluation', 'finished'];
  t.deepEqual(inShort(events), [
    'search-started',
    ...['trial-started 1', ...ofTraining.map((type) => `trial 1 ${type}`), 'trial-finished 1'],
    ...['trial-started 2', ...ofTraining.map((type) => `trial 2 ${type}`), 'trial-finished 2'],
    'finished',
  ]);
  const last = events.at(-1);
  if (last?.type !== 'finished') return t.fail();
  t.is(last.model?.rank, last.best.options.rank);
});

test('a source that never speaks is waited for, until it is left', (t) => {
  let isHeard = false;
  const source$: Observable<RatingsSplit> = NEVER.pipe(
    tap({
      subscribe: () => {
        isHeard = true;
      },
      unsubscribe: () => {
        isHeard = false;
      },
    }),
  );

  const subscription = source$
    .pipe(randomSearch({ options, trials: 2, metric: 'recall@5' }))
    .subscribe(() => t.fail());
  t.true(isHeard);
  subscription.unsubscribe();

  t.false(isHeard);
});

test('an empty source completes without a word', async (t) => {
  const search$ = of<RatingsSplit>().pipe(randomSearch({ options, trials: 2, metric: 'recall@5' }));

  t.deepEqual(await lastValueFrom(search$.pipe(toArray())), []);
});

test('an error of the source passes', async (t) => {
  const broken$ = throwError(() => new RangeError('no source'));
  const search$ = broken$.pipe(randomSearch({ options, trials: 2, metric: 'recall@5' }));

  await t.throwsAsync(lastValueFrom(search$), { message: 'no source' });
});

test('several splits are folds of every trial', async (t) => {
  const trial = pretend(() => 0.5);
  const search$ = of(split, split, split).pipe(
    randomSearch({ options, trials: 1, metric: 'recall@5', trial }),
    map((event) => (event.type === 'trial' ? event.fold : event.type)),
  );

  t.deepEqual(await lastValueFrom(search$.pipe(toArray())), [
    ...['search-started', 'trial-started'],
    ...[0, 1, 2],
    ...['trial-finished', 'finished'],
  ]);
});

test('wrong options are refused at once, also drawn ones', (t) => {
  const metric = 'recall@5';
  const isRefused = (make: () => unknown) => t.throws(make, { instanceOf: InvalidOptionError });

  isRefused(() => randomSearch({ options, trials: 0, metric }));
  isRefused(() => randomSearch({ options, trials: 1, metric, seed: -1 }));
  isRefused(() => randomSearch({ options: { rank: [] }, trials: 1, metric }));
  isRefused(() => randomSearch({ options: { rank: logUniform(2, 8) }, trials: 9, metric }));
  // @ts-expect-error rnak is no option.
  isRefused(() => randomSearch({ options: { rnak: [8] }, trials: 1, metric }));
});
