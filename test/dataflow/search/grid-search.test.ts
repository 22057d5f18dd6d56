import test from 'ava';
import {
  BehaviorSubject,
  lastValueFrom,
  map,
  mergeMap,
  NEVER,
  type Observable,
  type OperatorFunction,
  of,
  pipe,
  Subject,
  startWith,
  take,
  tap,
  throwError,
  toArray,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { inProcess } from '../../../actors/placements/in-process.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { type EvaluationEvent, evaluate } from '../../../dataflow/evaluate.js';
import { gridSearch } from '../../../dataflow/search/grid-search.js';
import { crossValidate } from '../../../dataflow/splits/cross-validate.js';
import { train } from '../../../dataflow/training/train.js';
import { untilConverged } from '../../../dataflow/training/until-converged.js';
import { InvalidOptionError, MetricMissingError, SearchFailedError } from '../../../src/errors.js';
import type { RatingsSplit } from '../../../src/ratings/ratings.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { evaluationOf, inShort, pretend, smallSplit } from '../../helpers/builders/searches.js';
import { untilTrue } from '../../helpers/probes/resources.js';

const split = smallSplit();
const small = { iterations: 2, alpha: 5 };

test('every combination is a trial, and the last event names the best', async (t) => {
  const events = await lastValueFrom(
    of(split).pipe(
      gridSearch({
        options: { rank: [2, 6], regularization: [0.1, 10], ...small },
        metric: 'ndcg@5',
        concurrency: 1,
        placement: inProcess(),
      }),
      toArray(),
    ),
  );

  const tried = events.flatMap((event) => (event.type === 'trial-started' ? [event.options] : []));
  t.deepEqual(tried, [
    { rank: 2, regularization: 0.1, ...small },
    { rank: 2, regularization: 10, ...small },
    { rank: 6, regularization: 0.1, ...small },
    { rank: 6, regularization: 10, ...small },
  ]);
  t.deepEqual(events[0], {
    type: 'search-started',
    trials: 4,
    folds: 1,
    metric: 'ndcg@5',
    concurrency: 1,
  });
  const last = events.at(-1);
  if (last?.type !== 'finished') return t.fail();
  const scores = last.trials.map(({ score }) => score);
  t.is(scores.length, 4);
  t.deepEqual(
    scores,
    scores.toSorted((a, b) => b - a),
  );
  t.is(last.best, last.trials[0]);
  t.is(last.best.figures['ndcg@5'], last.best.score);
  t.deepEqual(last.best.iterations, [2]);
});

test('a trial is what training and evaluating alone gives, and its model is kept', async (t) => {
  const alone = await lastValueFrom(
    of(split).pipe(
      train({ rank: 6, regularization: 100, ...small, placement: inProcess() }),
      evaluate({ k: 5 }),
      toArray(),
    ),
  );
  const measured = alone.find((event) => event.type === 'evaluation');
  const finished = alone.at(-1);

  // Two trials at a time, each on threads of its own, in one arena.
  const search = await lastValueFrom(
    of(split).pipe(
      gridSearch({
        options: { rank: [6], regularization: [100, 10, 1000], ...small },
        metric: 'recall@5',
        concurrency: 2,
        placement: threads(1),
      }),
    ),
  );

  if (search.type !== 'finished' || finished?.type !== 'finished') return t.fail();
  t.is(search.best.trial, 1);
  t.is(search.best.score, measured!.model['recall@5']);
  t.deepEqual(search.model?.userFactors, finished.model.userFactors);
});

test('trials give their memory back', async (t) => {
  const split = smallSplit();
  const { arena } = split.train;
  const before = arena.usedBytes;

  await lastValueFrom(
    of(split).pipe(
      gridSearch({
        options: { rank: [2, 3, 4, 5], ...small },
        metric: 'recall@5',
        concurrency: 3,
        placement: inProcess(),
      }),
    ),
  );

  t.is(arena.usedBytes, before);
});

test('errors are better when they are lower, and clipped if wanted', async (t) => {
  const last = await lastValueFrom(
    of(split).pipe(
      gridSearch({
        options: { feedback: 'explicit', rank: 2, iterations: 2, regularization: [1e-3, 1, 1e4] },
        metric: 'rmse',
        evaluate: { k: [], clip: [1, 5] },
        placement: inProcess(),
      }),
    ),
  );

  if (last.type !== 'finished') return t.fail();
  const scores = last.trials.map(({ score }) => score);
  t.deepEqual(
    scores,
    scores.toSorted((a, b) => a - b),
  );
  t.deepEqual(Object.keys(last.best.figures), ['rmse', 'mae']);
});

test('with several folds the mean counts, and there is no model of one', async (t) => {
  const [left, right] = [smallSplit(1), smallSplit(2)];
  const recalls = new Map([
    [left, { 4: 0.2, 8: 0.3 }],
    [right, { 4: 0.4, 8: 0.1 }],
  ]);
  const trial = ({ rank }: { readonly rank: number }) =>
    map((fold: RatingsSplit) => evaluationOf(recalls.get(fold)![rank as 4 | 8]));

  const last = await lastValueFrom(
    of(left, right).pipe(gridSearch({ options: { rank: [8, 4] }, metric: 'recall@5', trial })),
  );

  if (last.type !== 'finished') return t.fail();
  t.is(last.best.options.rank, 4);
  t.is(last.best.score, (0.2 + 0.4) / 2);
  t.deepEqual(
    last.best.folds.map((figures) => figures['recall@5']),
    [0.2, 0.4],
  );
  t.is(last.model, undefined);
});

test('folds of a cross-validation are trained and measured each', async (t) => {
  const events = await lastValueFrom(
    of(randomRatings({ users: 40, items: 30, density: 0.3 })).pipe(
      crossValidate(3),
      gridSearch({
        options: { rank: [2, 4], ...small },
        metric: 'ndcg@5',
        concurrency: 2,
        placement: inProcess(),
      }),
      toArray(),
    ),
  );

  const last = events.at(-1);
  if (last?.type !== 'finished') return t.fail();
  for (const { score, folds, iterations } of last.trials) {
    const figures = folds.map((fold) => fold['ndcg@5']!);
    t.is(new Set(figures).size, 3, 'three folds, three figures');
    t.is(score, figures.reduce((sum, figure) => sum + figure, 0) / 3);
    t.deepEqual(iterations, [2, 2, 2]);
  }
  const evaluated = events.flatMap((event) =>
    event.type === 'trial' && event.event.type === 'evaluation' ? [event.fold] : [],
  );
  t.deepEqual(evaluated.sort(), [0, 0, 1, 1, 2, 2]);
});

test('trials that stop early say after how many iterations', async (t) => {
  const last = await lastValueFrom(
    of(split).pipe(
      gridSearch({
        options: { rank: [2, 3], iterations: 9 },
        metric: 'recall@5',
        placement: inProcess(),
        // No iteration improves the loss by so much.
        trial: (options) => pipe(train(options), untilConverged(0.999), evaluate({ k: 5 })),
      }),
    ),
  );

  t.deepEqual(last.type === 'finished' && last.trials.map(({ iterations }) => iterations), [
    [2],
    [2],
  ]);
});

test('a trial that fails is reported, and the others go on', async (t) => {
  const broken = new RangeError('no luck');
  const trial = ({
    rank,
  }: {
    readonly rank: number;
  }): OperatorFunction<RatingsSplit, EvaluationEvent<5>> =>
    map(() => {
      if (rank === 4) throw broken;
      return evaluationOf(rank / 10);
    });

  const events = await lastValueFrom(
    of(split).pipe(
      gridSearch({ options: { rank: [2, 4, 3] }, metric: 'recall@5', concurrency: 1, trial }),
      toArray(),
    ),
  );

  t.deepEqual(inShort(events), [
    'search-started',
    ...['trial-started 1', 'trial 1 evaluation', 'trial-finished 1'],
    ...['trial-started 2', 'trial-failed 2'],
    ...['trial-started 3', 'trial 3 evaluation', 'trial-finished 3'],
    'finished',
  ]);
  const last = events.at(-1);
  if (last?.type !== 'finished') return t.fail();
  t.is(last.best.options.rank, 3);
  t.like(last.failed, [{ trial: 2, options: { rank: 4 }, error: broken }]);
});

test('a search of which all trials fail is an error with the first cause', async (t) => {
  const trial = () => map((): EvaluationEvent<5> => evaluationOf(Number.NaN));
  const search$ = of(split).pipe(
    gridSearch({ options: { rank: [2, 4] }, metric: 'recall@5', trial }),
  );

  const error = await t.throwsAsync(lastValueFrom(search$), {
    instanceOf: SearchFailedError,
    code: 'ERR_SEARCH_FAILED',
    message: /all 2 trials failed.*recall@5/,
  });
  t.true(error?.cause instanceof MetricMissingError);
});

test('equal scores are won by the first trial', async (t) => {
  const search$ = of(split).pipe(
    gridSearch({ options: { rank: [5, 6, 7] }, metric: 'recall@5', trial: pretend(() => 0.5) }),
  );

  const last = await lastValueFrom(search$);

  t.is(last.type === 'finished' && last.best.trial, 1);
});

const letters = {
  'search-started': 'w',
  'trial-started': 't',
  trial: 'e',
  'trial-finished': 'm',
  'trial-failed': 'x',
  finished: 'F',
};

/** Trial 1 takes 16 frames, the others 6. */
const timed = test.macro(
  (t, source: string, expected: string, subscription: string, concurrency: number) => {
    new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(
      ({ cold, expectObservable, expectSubscriptions }) => {
        const splits = cold(source, { r: split });
        const trial = ({ rank }: { readonly rank: number }) =>
          mergeMap((_: RatingsSplit) =>
            cold(rank === 1 ? '16ms (e|)' : '6ms (e|)', { e: evaluationOf(1 / rank) }),
          );
        const options = { rank: [1, 2, 3] };
        const search$ = splits.pipe(
          gridSearch({ options, metric: 'recall@5', concurrency, trial }),
          map(({ type }) => letters[type]),
        );
        expectObservable(search$, '^ 50ms !').toBe(expected);
        expectSubscriptions(splits.subscriptions).toBe(subscription);
      },
    );
  },
);

test('a source that never speaks is waited for', timed, '-', '-', '^ 50ms !', 1);
test('an empty source completes without a word', timed, '--|', '--|', '^-!', 1);
test('an error of the source passes', timed, '-r-#', '---#', '^--!', 1);
test('one trial follows the other', timed, '-(r|)', '-(wt)------------(emt)-(emt)-(emF|)', '^!', 1);
test('two trials run at a time', timed, '-(r|)', '-(wtt)-(emt)-(em)(emF|)', '^!', 2);

test('unsubscribing stops every trial', (t) => {
  let running = 0;
  const trial = () => (): typeof NEVER =>
    NEVER.pipe(
      tap({
        subscribe: () => running++,
        unsubscribe: () => running--,
      }),
    );
  const search$ = of(split).pipe(
    gridSearch({
      options: { rank: [1, 2, 3] },
      metric: 'recall@5' as never,
      concurrency: 2,
      trial,
    }),
  );

  const subscription = search$.subscribe();
  t.is(running, 2);
  subscription.unsubscribe();

  t.is(running, 0);
});

test('unsubscribing gives the memory of running trials back', async (t) => {
  const split = smallSplit();
  const { arena } = split.train;
  const before = arena.usedBytes;
  const search$ = of(split).pipe(
    gridSearch({
      options: { rank: [4, 5], iterations: 100_000 },
      metric: 'recall@5',
      concurrency: 2,
      placement: inProcess(),
    }),
  );

  await lastValueFrom(search$.pipe(take(8)));

  t.true(await untilTrue(() => arena.usedBytes === before));
});

test('wrong options are refused at once', (t) => {
  const metric = 'recall@5';
  const isRefused = (make: () => unknown) => t.throws(make, { instanceOf: InvalidOptionError });

  isRefused(() => gridSearch({ options: { rank: [8, 0] }, metric }));
  isRefused(() => gridSearch({ options: { rank: [] }, metric }));
  isRefused(() => gridSearch({ options: { rank: 8 }, metric, concurrency: 0 }));
  isRefused(() => gridSearch({ options: { rank: 8 }, metric: 'recall' as never }));
  isRefused(() => gridSearch({ options: { rnak: [8] } as never, metric }));
  isRefused(() =>
    gridSearch({ options: { rank: 8 }, metric, evaluate: { k: 5 }, trial: pretend(() => 1) }),
  );
});

test('wrong names do not compile', (t) => {
  t.throws(() =>
    // @ts-expect-error rnak is no option.
    gridSearch({ options: { rnak: [8] }, metric: 'recall@5' }),
  );
  t.throws(() =>
    // @ts-expect-error The solver has no such name.
    gridSearch({ options: { solver: ['cgg'] }, metric: 'recall@5' }),
  );
  t.throws(() =>
    // @ts-expect-error There is no such metric.
    gridSearch({ options: { rank: 8 }, metric: 'recal@5' }),
  );
  gridSearch({
    options: { rank: 8 },
    // @ts-expect-error The trial measures at 10.
    metric: 'recall@5',
    trial: (options) => pipe(train(options), evaluate({ k: 10 })),
  });
  gridSearch({
    options: { rank: 8 },
    // @ts-expect-error The trial measures nothing.
    metric: 'recall@5',
    trial: (options) => train(options),
  });
  t.pass();
});

test('a paused search starts no trial, and its trials hear of it', (t) => {
  const pause = new BehaviorSubject(false);
  const heard: unknown[] = [];
  const seen: string[] = [];
  const trial = (options: {
    readonly rank: number;
    readonly pause?: Observable<boolean> | undefined;
  }) => {
    options.pause?.subscribe((isPaused) => heard.push([options.rank, isPaused]));
    return pretend(() => 0.5)(options);
  };
  const settings = { metric: 'recall@5', concurrency: 1, pause, trial } as const;
  of(split)
    .pipe(gridSearch({ ...settings, options: { rank: [1, 2] } }))
    .subscribe((event) => {
      seen.push(...inShort([event]));
      if (event.type === 'trial-finished' && event.trial === 1) pause.next(true);
    });

  t.is(seen.at(-1), 'trial-finished 1');
  t.deepEqual(heard.slice(-2), [
    [1, true],
    [2, true],
  ]);
  pause.next(false);

  t.deepEqual(seen.slice(-4), [
    'trial-started 2',
    'trial 2 evaluation',
    'trial-finished 2',
    'finished',
  ]);
});

test('a search goes on when its pause ends, and fails as its pause does', async (t) => {
  const settings = {
    metric: 'recall@5',
    trial: pretend(() => 0.5),
    options: { rank: [1, 2] },
  } as const;
  const pause = new Subject<boolean>();
  const held$ = of(split).pipe(gridSearch({ ...settings, pause: pause.pipe(startWith(true)) }));
  const finished = lastValueFrom(held$);
  pause.complete();
  t.is((await finished).type, 'finished');

  const broken = throwError(() => new Error('broke'));
  await t.throwsAsync(lastValueFrom(of(split).pipe(gridSearch({ ...settings, pause: broken }))), {
    message: 'broke',
  });
  t.throws(() => gridSearch({ ...settings, pause: true as never }), {
    instanceOf: InvalidOptionError,
  });
});
