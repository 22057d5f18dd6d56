import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { BehaviorSubject, concat, EMPTY, NEVER, type Observable, of, tap, throwError } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { type TrainingOptions, train } from '../../../dataflow/training/train.js';
import type { TrainingEvent } from '../../../dataflow/training/training-event.js';
import { InvalidOptionError } from '../../../src/errors.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { eventsOf, factorsOfRun, outline } from '../../helpers/probes/events.js';
import { activeResources, untilQuiet, untilTrue } from '../../helpers/probes/resources.js';

const shape = { users: 60, items: 50, density: 0.2 };
const options = { rank: 6, iterations: 3, blocks: 3, placement: inProcess() };

const events$ = (more: TrainingOptions, ratings = randomRatings(shape)) =>
  of(ratings).pipe(train({ ...options, ...more }));

/** Long enough for many phases of these ratings. */
async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 2000; turn++) await nextTurn();
}

test('a run that begins paused opens its place and waits', async (t) => {
  const pause = new BehaviorSubject(true);
  const seen: TrainingEvent[] = [];
  const whole = eventsOf(events$({ pause }).pipe(tap((event) => seen.push(event))));

  await manyTurns();
  t.deepEqual(outline(seen), ['started']);

  pause.next(false);
  t.deepEqual(factorsOfRun(await whole), factorsOfRun(await eventsOf(events$({}))));
});

test('a phase that is under way ends, and none begins until it is resumed', async (t) => {
  const pause = new BehaviorSubject(false);
  const seen: TrainingEvent[] = [];
  const whole = eventsOf(
    events$({ pause }).pipe(
      tap((event) => {
        seen.push(event);
        if (event.type === 'phase' && event.iteration === 2 && event.side === 'user') {
          pause.next(true);
        }
      }),
    ),
  );

  await manyTurns();
  const paused = outline(seen);
  await manyTurns();

  t.deepEqual(paused, ['started', 'phase 1', 'phase 1', 'iteration 1', 'phase 2']);
  t.deepEqual(outline(seen), paused);
  pause.next(false);
  t.deepEqual(factorsOfRun(await whole), factorsOfRun(await eventsOf(events$({}))));
});

test('pausing and resuming at every phase changes nothing', async (t) => {
  const pause = new BehaviorSubject(false);
  const placement = threads(2);
  const whole = await eventsOf(
    events$({ pause, placement }).pipe(
      tap(({ type }) => {
        if (type !== 'phase') return;
        pause.next(true);
        setImmediate(() => pause.next(false));
      }),
    ),
  );

  t.deepEqual(factorsOfRun(whole), factorsOfRun(await eventsOf(events$({}))));
});

test('an iteration is not charged for the time in which it was paused', async (t) => {
  const pause = new BehaviorSubject(false);
  const seen = await eventsOf(
    events$({ pause, iterations: 1 }).pipe(
      tap((event) => {
        if (event.type !== 'phase' || event.side !== 'user') return;
        pause.next(true);
        void manyTurns().then(() => pause.next(false));
      }),
    ),
  );

  const phases = seen.filter((event) => event.type === 'phase');
  const [iteration] = seen.filter((event) => event.type === 'iteration');
  const inPhases = phases.reduce((sum, { seconds }) => sum + seconds, 0);
  const finished = seen.at(-1)!;
  if (finished.type !== 'finished') return t.fail();
  // The rest of the iteration is the first Gram matrix; of the run, mostly the pause.
  t.true(iteration!.seconds >= inPhases);
  t.true(finished.seconds > iteration!.seconds);
});

test.serial('unsubscribing while it is paused leaves no thread, timer or memory', async (t) => {
  const before = activeResources();
  const ratings = randomRatings(shape);
  const used = ratings.arena.usedBytes;
  const pause = new BehaviorSubject(false);
  let phases = 0;
  const subscription = events$({ pause, placement: threads(1) }, ratings).subscribe(({ type }) => {
    if (type === 'phase' && ++phases === 2) pause.next(true);
  });
  await untilTrue(() => phases === 2);
  await manyTurns();

  subscription.unsubscribe();

  t.true(await untilTrue(() => ratings.arena.usedBytes === used));
  t.deepEqual(await untilQuiet(before), before);
  t.false(pause.observed);
  t.is(phases, 2);
});

const goesOn = test.macro(async (t, pause: Observable<boolean>) => {
  const whole = await eventsOf(events$({ pause }));

  t.deepEqual(factorsOfRun(whole), factorsOfRun(await eventsOf(events$({}))));
});

test('a stream that never says anything does not pause', goesOn, NEVER);
test('an empty stream does not pause', goesOn, EMPTY);
test('a stream that completes while it is paused lets the run go on', goesOn, of(true));
test('the last value counts', goesOn, concat(of(true, true, false), NEVER));

test('an error of the stream ends the run, and comes when everything is closed', async (t) => {
  const ratings = randomRatings(shape);
  const used = ratings.arena.usedBytes;
  const pause = new BehaviorSubject(false);
  let usedAtError = -1;

  const failed = eventsOf(
    events$({ pause, iterations: 100_000 }, ratings).pipe(
      tap({
        next(event) {
          if (event.type === 'iteration' && event.iteration === 2)
            pause.error(new RangeError('no'));
        },
        error() {
          usedAtError = ratings.arena.usedBytes;
        },
      }),
    ),
  );

  await t.throwsAsync(failed, { instanceOf: RangeError, message: 'no' });
  t.is(usedAtError, used);
});

test('a stream that fails at once is an error before the run begins', async (t) => {
  const pause = throwError(() => new RangeError('no'));

  await t.throwsAsync(eventsOf(events$({ pause })), { instanceOf: RangeError });
});

test('the stream is left when the run is over', async (t) => {
  const pause = new BehaviorSubject(false);

  await eventsOf(events$({ pause }));

  t.false(pause.observed);
});

test('what is no Observable is refused at once', (t) => {
  const pause = true as unknown as Observable<boolean>;

  t.throws(() => train({ pause }), { instanceOf: InvalidOptionError });
});
