import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import {
  auditTime,
  concatMap,
  from,
  interval,
  last,
  map,
  of,
  Subject,
  sample,
  share,
  shareReplay,
  tap,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { inProcess } from '../../../actors/placements/in-process.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { type TrainingOptions, train } from '../../../dataflow/training/train.js';
import type { TrainingEvent } from '../../../dataflow/training/training-event.js';
import { StaleFactorsError } from '../../../src/errors.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { eventsOf, factorsOfRun, outline } from '../../helpers/probes/events.js';
import { activeResources, untilQuiet, untilTrue } from '../../helpers/probes/resources.js';

const shape = { users: 60, items: 50, density: 0.2 };
const options = { rank: 6, iterations: 3, placement: inProcess() };

const events$ = (more: TrainingOptions = {}, ratings = randomRatings(shape)) =>
  of(ratings).pipe(train({ ...options, ...more }));

/** Training that counts how often it is begun and how often it is left. */
function counted(more: TrainingOptions = {}) {
  const counts = { begun: 0, left: 0 };
  const counted$ = events$(more).pipe(
    tap({ subscribe: () => void counts.begun++, finalize: () => void counts.left++ }),
  );
  return { counts, counted$ };
}

test('a subscriber that takes its time does not hold the run up', async (t) => {
  const ratings = randomRatings(shape);
  const used = ratings.arena.usedBytes;
  const handled: string[] = [];
  let handledWhenDone = -1;

  await eventsOf(
    events$({}, ratings).pipe(
      tap({
        complete: () => {
          handledWhenDone = handled.length;
        },
      }),
      concatMap((event) => from(untilReleased().then(() => handled.push(event.type)))),
    ),
  );

  t.is(handledWhenDone, 0);
  t.is(handled.length, 11);

  function untilReleased(): Promise<boolean> {
    return untilTrue(() => ratings.arena.usedBytes === used);
  }
});

test('who looks now and then sees the latest event, and the run is not held up', async (t) => {
  const look = new Subject<void>();
  const seen: TrainingEvent[] = [];

  await eventsOf(
    events$().pipe(
      tap((event) => {
        if (event.type === 'iteration') queueMicrotask(() => look.next());
      }),
      sample(look),
      tap((event) => seen.push(event)),
    ),
  );

  t.deepEqual(outline(seen), ['iteration 1', 'iteration 2', 'iteration 3']);
});

test('auditTime never misses the end, sample may', (t) => {
  new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(
    ({ cold, expectObservable }) => {
      const source = '--s-p-p-i-p-p-i-p-p-i-(f|)';
      const audited = '-------p-----p-----p-----(f|)';
      const sampled = '-----p----p----i----i-|';
      expectObservable(cold(source).pipe(auditTime(5))).toBe(audited);
      expectObservable(cold(source).pipe(sample(interval(5)))).toBe(sampled);
    },
  );
});

test.serial(
  'an operator that throws ends the run, and the error comes down the stream',
  async (t) => {
    const before = activeResources();
    const ratings = randomRatings(shape);
    const used = ratings.arena.usedBytes;
    const failed = eventsOf(
      events$({ iterations: 100_000, placement: threads(2) }, ratings).pipe(
        map((event) => {
          if (event.type === 'iteration') throw new RangeError('cannot cope');
          return event;
        }),
      ),
    );

    await t.throwsAsync(failed, { message: 'cannot cope' });
    t.true(await untilTrue(() => ratings.arena.usedBytes === used));
    t.deepEqual(await untilQuiet(before), before);
  },
);

test.serial('a forEach that throws ends the run, and rejects', async (t) => {
  const before = activeResources();
  const ratings = randomRatings(shape);
  const used = ratings.arena.usedBytes;
  const failed = events$({ iterations: 100_000, placement: threads(2) }, ratings).forEach(
    (event) => {
      if (event.type === 'iteration') throw new RangeError('cannot cope');
    },
  );

  await t.throwsAsync(failed, { message: 'cannot cope' });
  t.true(await untilTrue(() => ratings.arena.usedBytes === used));
  t.deepEqual(await untilQuiet(before), before);
});

test('a subscriber that throws ends the process, as RxJS reports it, and its threads with it', async (t) => {
  const helper = fileURLToPath(
    new URL('../../helpers/programs/throwing-subscriber.js', import.meta.url),
  );
  const child = spawn(process.execPath, [helper]);
  t.teardown(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });

  const [status] = await once(child, 'close');

  t.is(status, 1);
  t.regex(errors, /RangeError: cannot cope/);
});

test('many subscribers share one run, and the last one to leave ends it', async (t) => {
  const { counts, counted$ } = counted({ iterations: 100_000 });
  const shared$ = counted$.pipe(share());
  const seen = [0, 0];
  const first = shared$.subscribe(() => void seen[0]!++);
  const second = shared$.subscribe(() => void seen[1]!++);
  await untilTrue(() => seen[1]! >= 5);

  first.unsubscribe();
  const seenByFirst = seen[0]!;
  await untilTrue(() => seen[1]! >= seenByFirst + 10);

  t.deepEqual(counts, { begun: 1, left: 0 });
  t.is(seen[0], seenByFirst);
  second.unsubscribe();
  t.deepEqual(counts, { begun: 1, left: 1 });
});

test('share: who comes late gets what is still to come, and after the end a new run', async (t) => {
  const { counts, counted$ } = counted();
  const shared$ = counted$.pipe(share());
  const late: Promise<TrainingEvent[]>[] = [];

  const early = await eventsOf(
    shared$.pipe(
      tap((event) => {
        if (event.type === 'iteration' && event.iteration === 2) late.push(eventsOf(shared$));
      }),
    ),
  );

  t.is(early.length, 11);
  t.deepEqual(outline(await late[0]!), ['phase 3', 'phase 3', 'iteration 3', 'finished']);
  t.is(counts.begun, 1);
  t.is((await eventsOf(shared$)).length, 11);
  t.is(counts.begun, 2);
});

test('shareReplay(1): who comes late begins with the last event, and after the end has the model', async (t) => {
  const { counts, counted$ } = counted();
  const shared$ = counted$.pipe(shareReplay({ bufferSize: 1, refCount: true }));
  const late: Promise<TrainingEvent[]>[] = [];

  const early = await eventsOf(
    shared$.pipe(
      tap((event) => {
        if (event.type === 'iteration' && event.iteration === 2) late.push(eventsOf(shared$));
      }),
    ),
  );

  t.deepEqual(outline(await late[0]!), [
    'iteration 2',
    'phase 3',
    'phase 3',
    'iteration 3',
    'finished',
  ]);
  t.deepEqual(factorsOfRun(await eventsOf(shared$)), factorsOfRun(early));
  t.is(counts.begun, 1);
});

test('shareReplay with refCount: the last one to leave ends the run, and the next begins another', async (t) => {
  const { counts, counted$ } = counted({ iterations: 100_000 });
  const shared$ = counted$.pipe(shareReplay({ bufferSize: 1, refCount: true }));
  let seen = 0;
  const only = shared$.subscribe(() => void seen++);
  await untilTrue(() => seen > 5);

  only.unsubscribe();

  t.deepEqual(counts, { begun: 1, left: 1 });
  const next = shared$.subscribe();
  t.is(counts.begun, 2);
  next.unsubscribe();
});

test('shareReplay without refCount: the run goes on to its end when everybody has left', async (t) => {
  const { counts, counted$ } = counted();
  const shared$ = counted$.pipe(shareReplay({ bufferSize: 1, refCount: false }));

  shared$.subscribe().unsubscribe();

  t.deepEqual(counts, { begun: 1, left: 0 });
  t.true(await untilTrue(() => counts.left === 1));
  t.is((await eventsOf(shared$.pipe(last())))[0]!.type, 'finished');
  t.is(counts.begun, 1);
});

test('a replayed iteration still has its figures, but no longer its model', async (t) => {
  const replayed$ = events$().pipe(shareReplay());
  await eventsOf(replayed$);

  const iterations = (await eventsOf(replayed$)).filter((event) => event.type === 'iteration');

  t.true(iterations.every(({ rmse }) => rmse > 0));
  for (const { model, finish } of iterations.slice(0, -1)) {
    t.throws(model, { instanceOf: StaleFactorsError });
    t.throws(finish, { instanceOf: StaleFactorsError });
  }
  t.is(iterations.at(-1)!.model().rank, 6);
  t.is(iterations.at(-1)!.finish().iterations, 3);
});
