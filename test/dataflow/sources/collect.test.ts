import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import {
  concatMap,
  exhaustMap,
  from,
  lastValueFrom,
  map,
  of,
  range,
  switchMap,
  tap,
  timer,
  toArray,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { inProcess } from '../../../actors/placements/in-process.js';
import { type CollectOptions, collect } from '../../../dataflow/sources/collect.js';
import { train } from '../../../dataflow/training/train.js';
import type { Arena } from '../../../src/arena.js';
import { InvalidIdError, InvalidOptionError, InvalidRatingError } from '../../../src/errors.js';
import type { Interaction } from '../../../src/ratings/interaction-log.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { triplesByUser } from '../../helpers/builders/rating-triples.js';

const interactions: Record<string, Interaction> = {
  a: { user: 'ann', item: 'tea' },
  b: { user: 'bob', item: 'tea' },
  c: { user: 'ann', item: 'jam' },
  d: { user: 'ann', item: 'tea', event: 'hover' },
};

/** All ratings as text: tea of ann twice and of bob once is `ann tea 2, bob tea 1`. */
const asText = map((ratings: Ratings) =>
  triplesByUser(ratings)
    .map((triple) => triple.join(' '))
    .join(', '),
);
const texts = {
  1: 'ann tea 1',
  2: 'ann tea 1, bob tea 1',
  3: 'ann jam 1, ann tea 1, bob tea 1',
  4: 'ann jam 1, ann tea 2, bob tea 1',
  5: 'bob tea 1',
  6: 'ann jam 1',
};

const collects = test.macro(
  (
    t,
    options: CollectOptions,
    table: readonly (readonly [source: string, expected: string, subscription: string])[],
    stop?: string,
  ) => {
    for (const [source, expected, subscription] of table) {
      new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(
        ({ cold, expectObservable, expectSubscriptions }) => {
          const input = cold<Interaction>(source, interactions);
          expectObservable(input.pipe(collect(options), asText), stop).toBe(expected, texts);
          expectSubscriptions(input.subscriptions).toBe(subscription);
        },
      );
    }
  },
);

test(
  'every two interactions, and the rest at the end: never, empty, one, many, error',
  collects,
  { every: { count: 2 } },
  [
    ['-', '-', '^'],
    ['--|', '--|', '^-!'],
    ['-a-|', '---(1|)', '^--!'],
    ['-a-b|', '---2|', '^---!'],
    ['-a-b-c-a|', '---2---4|', '^-------!'],
    ['-a-b-c|', '---2--(3|)', '^-----!'],
    ['-a-b-c#', '---2--#', '^-----!'],
  ],
);
test(
  'every three milliseconds in which anything came, and the rest at the end',
  collects,
  { every: { seconds: 0.003 } },
  [
    ['-----|', '-----|', '^----!'],
    ['-a---------|', '---1-------|', '^----------!'],
    ['-a--b-----c|', '---1--2----(3|)', '^----------!'],
    ['-a--#', '---1#', '^---!'],
  ],
);
test(
  'a timer goes with the subscription',
  collects,
  { every: { seconds: 0.003 } },
  [['-a-b', '---1', '^---!']],
  '----!',
);
test('without every, once at the end', collects, {}, [
  ['-', '-', '^'],
  ['--|', '--|', '^-!'],
  ['-a-b|', '----(2|)', '^---!'],
  ['-a-#', '---#', '^--!'],
]);
test('a window of the last interactions', collects, { every: { count: 1 }, window: { count: 1 } }, [
  ['-a-b-c|', '-1-5-6|', '^-----!'],
]);
test('a window of time', collects, { every: { count: 1 }, window: { seconds: 0.003 } }, [
  ['-a-b---c|', '-1-2---6|', '^-------!'],
]);
test(
  'what counts nothing is not emitted',
  collects,
  { every: { count: 1 }, weights: { hover: 0 } },
  [['-d-a|', '---1|', '^---!']],
);

test('of a thousand emissions only those that are referenced stay in memory', async (t) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const rows = range(0, 10_000).pipe(map((at) => ({ user: at % 50, item: (at * 7) % 90 })));
  const arenas: WeakRef<Arena>[] = [];

  const last = await lastValueFrom(
    rows.pipe(
      collect({ every: { count: 10 }, window: { count: 500 } }),
      tap(({ arena }) => arenas.push(new WeakRef(arena))),
    ),
  );
  // What a weak reference was made for lives until the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();

  t.is(arenas.length, 1000);
  t.true(arenas.filter((arena) => arena.deref() !== undefined).length <= 2);
  t.is(arenas.at(-1)?.deref(), last.arena);
});

test('every subscription gathers for itself', async (t) => {
  const collected$ = from([interactions.a!, interactions.b!]).pipe(collect(), asText);

  t.is(await lastValueFrom(collected$), texts[2]);
  t.is(await lastValueFrom(collected$), texts[2]);
});

test('interactions of an async iterable count by kind and age', async (t) => {
  async function* clicks(): AsyncGenerator<Interaction> {
    yield { user: 1, item: 1, event: 'view', timestamp: new Date(0) };
    yield { user: 1, item: 1, event: 'purchase', timestamp: 86_400 };
    yield { user: 2, item: 1, event: 'hover', timestamp: 86_400 };
  }
  const options = {
    weights: { view: 1, purchase: 10, hover: 0 },
    halfLife: { days: 1 },
    now: () => 86_400,
  };

  const ratings = await lastValueFrom(from(clicks()).pipe(collect(options)));

  t.deepEqual(triplesByUser(ratings), [[1, 1, 10.5]]);
});

test('an interaction that is no such thing is an error of the stream', async (t) => {
  const of$ = (wrong: object) => from([interactions.a!, wrong as Interaction]);
  const weights = { view: 1 };

  await t.throwsAsync(lastValueFrom(of$({ item: 1 }).pipe(collect())), {
    instanceOf: InvalidIdError,
    message: /entry 1/,
  });
  await t.throwsAsync(
    lastValueFrom(of$({ user: 1, item: 1, event: 'buy' }).pipe(collect({ weights }))),
    { instanceOf: InvalidRatingError },
  );
});

const refuses = test.macro({
  exec(t, options: object) {
    t.throws(() => collect(options), {
      instanceOf: InvalidOptionError,
      code: 'ERR_INVALID_OPTION',
    });
  },
  title: (provided) => `${provided} is refused at once`,
});
test('every 0 interactions', refuses, { every: { count: 0 } });
test('every no time', refuses, { every: { seconds: 0 } });
test('no extent', refuses, { every: {} });
test('a count and a time', refuses, { every: { count: 1, seconds: 1 } });
test('a window of half an interaction', refuses, { window: { count: 0.5 } });
test('a window of an unknown unit', refuses, { window: { weeks: 1 } });
test('a half-life of a count', refuses, { halfLife: { count: 1 } });
test('a negative weight', refuses, { weights: { view: -1 } });

/** A slow training: ratings in, their size out three frames later. */
const slow = (ratings: Ratings) => timer(3).pipe(map(() => ratings.byUser.columns.length));

const keepsUp = test.macro({
  exec(t, operator: typeof concatMap, expected: string) {
    new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(
      ({ cold, expectObservable }) => {
        const input = cold<Interaction>('-abc-----|', interactions);
        const models = input.pipe(collect({ every: { count: 1 } }), operator(slow), map(String));
        expectObservable(models).toBe(expected);
      },
    );
  },
  title: (name) => `training slower than the stream: ${name}`,
});
test('exhaustMap skips what comes meanwhile', keepsUp, exhaustMap, '----1----|');
test('switchMap drops the run for what is newer', keepsUp, switchMap, '------3--|');
test('concatMap queues', keepsUp, concatMap, '----1--2--(3|)');

test('collected ratings train', async (t) => {
  const rows = Array.from({ length: 40 }, (_, at) => ({ user: at % 5, item: (at * 3) % 7 }));
  const options = { rank: 2, iterations: 1, placement: inProcess() };

  const events = await lastValueFrom(
    from(rows).pipe(
      collect({ every: { count: 20 } }),
      exhaustMap((ratings) => of(ratings).pipe(train(options))),
      toArray(),
    ),
  );

  t.is(events.at(-1)?.type, 'finished');
});
