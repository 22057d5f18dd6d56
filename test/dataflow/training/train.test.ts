import test from 'ava';
import {
  firstValueFrom,
  lastValueFrom,
  type Observable,
  of,
  takeWhile,
  throwError,
  toArray,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { inProcess } from '../../../actors/placements/in-process.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { fromRatings } from '../../../dataflow/sources/from-ratings.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { type TrainingOptions, train } from '../../../dataflow/training/train.js';
import type { TrainingEvent } from '../../../dataflow/training/training-event.js';
import {
  InvalidOptionError,
  InvalidRatingError,
  StaleFactorsError,
  TooFewRatingsError,
} from '../../../src/errors.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { paperSettings } from '../../../src/training/options.js';
import { goldenRun } from '../../helpers/builders/golden-run.js';
import { randomRatings, ratingsOf } from '../../helpers/builders/jobs.js';
import { activeResources, untilQuiet, untilTrue } from '../../helpers/probes/resources.js';

const shape = { users: 60, items: 50, density: 0.2 };
const options = { rank: 6, iterations: 3, placement: inProcess() };

const eventsOf = (source$: Observable<TrainingEvent>) => lastValueFrom(source$.pipe(toArray()));

test('events come in order, and the last one carries the model', async (t) => {
  const events = await eventsOf(of(randomRatings(shape)).pipe(train(options)));

  const iteration = ['phase user', 'phase item', 'iteration'];
  t.deepEqual(
    events.map((event) => (event.type === 'phase' ? `phase ${event.side}` : event.type)),
    ['started', ...iteration, ...iteration, ...iteration, 'finished'],
  );
  const [started, last] = [events[0]!, events.at(-1)!];
  t.like(started, { users: 60, items: 50, rank: 6, placement: 'in-process', heldOut: 0 });
  t.true(last.type === 'finished' && last.model.userFactors.length === 60 * 6);
});

test('the golden run comes out of the stream, with its top five', async (t) => {
  const ratings = ratingsOf(goldenRun.ratings, goldenRun.users, goldenRun.items);
  const golden: TrainingOptions = {
    ...paperSettings,
    rank: goldenRun.factors,
    iterations: goldenRun.iterations,
    regularization: goldenRun.regularization,
    alpha: goldenRun.alpha,
    solver: 'cholesky',
    kernel: 'reference',
    placement: threads(2),
    initialFactors: {
      userFactors: Float64Array.from(goldenRun.X0.flat()),
      itemFactors: Float64Array.from(goldenRun.Y0.flat()),
    },
  };

  const events = await eventsOf(of(ratings).pipe(train(golden)));

  const iterations = events.filter((event) => event.type === 'iteration');
  for (const [i, expected] of goldenRun.history.entries()) {
    const { rmse, loss } = iterations[i]!;
    t.true(Math.abs(rmse / expected.rmse - 1) <= 1e-9);
    t.true(Math.abs(loss.total / expected.loss - 1) <= 1e-9);
  }
  const finished = events.at(-1)!;
  if (finished.type !== 'finished') return t.fail(finished.type);
  const top = finished.model.recommend(0, { count: 5 });
  t.deepEqual(
    top.map(({ itemId }) => itemId),
    goldenRun.top5User0.map(({ item }) => item),
  );
  for (const [i, { score }] of top.entries()) {
    t.true(Math.abs(score - goldenRun.top5User0[i]!.score) <= 1e-6);
  }
});

test('a split is trained on one half and validated on the other', async (t) => {
  const events = await eventsOf(
    of(randomRatings(shape)).pipe(holdout({ fraction: 0.2, seed: 7 }), train(options)),
  );

  const [started, finished] = [events[0]!, events.at(-1)!];
  if (started.type !== 'started' || finished.type !== 'finished') return t.fail();
  t.true(started.heldOut > 0);
  t.is(started.heldOut, finished.test!.byUser.columns.length);
  for (const event of events) {
    if (event.type === 'iteration') t.true(event.validation!.rmse > 0);
  }
});

test('nothing happens before the subscription, and every subscription is its own run', async (t) => {
  let reads = 0;
  const rows = {
    *[Symbol.iterator]() {
      reads++;
      for (let n = 0; n < 40; n++) yield { user: n % 7, item: n % 5, rating: 1 + (n % 3) };
    },
  };
  const events$ = fromRatings(rows).pipe(train(options));

  t.is(reads, 0);
  const [first, second] = await Promise.all([eventsOf(events$), eventsOf(events$)]);

  t.is(reads, 2);
  const model = (events: TrainingEvent[]) => {
    const last = events.at(-1)!;
    return last.type === 'finished' ? last.model : undefined;
  };
  t.not(model(first), model(second));
  t.deepEqual(model(first)!.userFactors, model(second)!.userFactors);
});

test('two runs on the same ratings at once do not disturb each other', async (t) => {
  const ratings$ = of(randomRatings(shape));
  const alone = await eventsOf(ratings$.pipe(train(options)));
  const both = await Promise.all([
    eventsOf(ratings$.pipe(train({ ...options, placement: threads(2) }))),
    eventsOf(ratings$.pipe(train({ ...options, rank: 11 }))),
  ]);

  const factors = (events: TrainingEvent[]) => {
    const last = events.at(-1)!;
    return last.type === 'finished' ? last.model.itemFactors : undefined;
  };
  t.deepEqual(factors(both[0]), factors(alone));
});

test('several ratings are trained on one after the other', async (t) => {
  const events = await eventsOf(
    of(randomRatings(shape), randomRatings({ ...shape, seed: 2 })).pipe(train(options)),
  );

  t.deepEqual(
    events.filter(({ type }) => type === 'started' || type === 'finished').map(({ type }) => type),
    ['started', 'finished', 'started', 'finished'],
  );
});

test('no ratings, no events', async (t) => {
  const none: Observable<Ratings> = of();

  t.deepEqual(await eventsOf(none.pipe(train(options))), []);
});

test('a source that never emits is left when unsubscribed', (t) => {
  new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(
    ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Ratings>('-');
      expectObservable(source.pipe(train(options)), '---!').toBe('-');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    },
  );
});

test('errors of the source pass through', async (t) => {
  const broken = throwError(() => new RangeError('no source'));

  await t.throwsAsync(eventsOf(broken.pipe(train(options))), { message: 'no source' });
});

test('ratings that cannot be trained on are an error of the stream', async (t) => {
  await t.throwsAsync(eventsOf(of(ratingsOf([[0, 0, 1]], 1, 1)).pipe(train(options))), {
    instanceOf: TooFewRatingsError,
  });
  await t.throwsAsync(
    eventsOf(
      of(
        ratingsOf(
          [
            [0, 0, -1],
            [1, 1, 1],
          ],
          2,
          2,
        ),
      ).pipe(train(options)),
    ),
    { instanceOf: InvalidRatingError },
  );
});

test('wrong options throw before anything is subscribed', (t) => {
  const wrong = { instanceOf: InvalidOptionError, code: 'ERR_INVALID_OPTION' };

  t.throws(() => train({ rank: 0 }), wrong);
  t.throws(() => train({ factors: 8 } as TrainingOptions), wrong);
  t.throws(() => train({ placement: 'threads' } as unknown as TrainingOptions), wrong);
  t.throws(() => train({ checkpoints: { path: 'x' } } as TrainingOptions), wrong);
});

for (const place of [inProcess, () => threads(2)]) {
  test.serial(`unsubscribing from ${place().name} leaves no thread, timer or handle`, async (t) => {
    const before = activeResources();
    const ratings = randomRatings(shape);
    const used = ratings.arena.usedBytes;
    let after = 0;
    await new Promise<void>((resolve) => {
      const subscription = of(ratings)
        .pipe(train({ ...options, iterations: 100_000, placement: place() }))
        .subscribe((event) => {
          if (subscription.closed) after++;
          if (event.type !== 'iteration' || event.iteration < 2) return;
          subscription.unsubscribe();
          resolve();
        });
    });

    // The memory goes last, so what is open then stays open.
    t.true(await untilTrue(() => ratings.arena.usedBytes === used), 'memory is released');
    t.deepEqual(await untilQuiet(before), before);
    t.is(after, 0);
  });
}

test('early stopping is an operator of RxJS', async (t) => {
  const events = await eventsOf(
    of(randomRatings(shape)).pipe(
      train({ ...options, iterations: 1000 }),
      takeWhile((event) => event.type !== 'iteration' || event.iteration < 4, true),
    ),
  );

  t.like(events.at(-1), { type: 'iteration', iteration: 4 });
});

test('model() copies the factors of its iteration', async (t) => {
  const models: Float32Array[] = [];
  const finished = await lastValueFrom(
    of(randomRatings(shape)).pipe(
      train(options),
      takeWhile((event) => {
        if (event.type === 'iteration') models.push(event.model().itemFactors);
        return true;
      }),
    ),
  );

  t.is(models.length, 3);
  t.notDeepEqual(models[0], models[1]);
  t.true(finished.type === 'finished');
  if (finished.type === 'finished') t.deepEqual(models[2], finished.model.itemFactors);
});

test('model() of an iteration that training has left behind is refused', async (t) => {
  const events = await eventsOf(of(randomRatings(shape)).pipe(train(options)));

  const iterations = events.filter((event) => event.type === 'iteration');
  t.throws(() => iterations[0]!.model(), {
    instanceOf: StaleFactorsError,
    code: 'ERR_STALE_FACTORS',
  });
  t.notThrows(() => iterations[2]!.model());
});

test('the first event is available before training goes on', async (t) => {
  const first = await firstValueFrom(of(randomRatings(shape)).pipe(train(options)));

  t.is(first.type, 'started');
});
