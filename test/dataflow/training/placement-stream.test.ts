import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import {
  BehaviorSubject,
  concat,
  EMPTY,
  NEVER,
  type Observable,
  of,
  Subject,
  tap,
  throwError,
} from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import type { Placement } from '../../../actors/placements/placement.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { type TrainingOptions, train } from '../../../dataflow/training/train.js';
import type { TrainingEvent } from '../../../dataflow/training/training-event.js';
import { InvalidOptionError, PlacementError } from '../../../src/errors.js';
import { randomAt } from '../../../src/random.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { eventsOf, factorsOfRun, outline } from '../../helpers/probes/events.js';
import { activeResources, untilQuiet, untilTrue } from '../../helpers/probes/resources.js';

const shape = { users: 60, items: 50, density: 0.2 };
const options = { rank: 6, iterations: 4, blocks: 5 };

const events$ = (more: TrainingOptions, ratings = randomRatings(shape)) =>
  of(ratings).pipe(train({ ...options, ...more }));

const undisturbed = async () => factorsOfRun(await eventsOf(events$({ placement: inProcess() })));

/** Where the blocks of every phase ran: `event loop`, or the kind of place. */
const wheres = (events: readonly TrainingEvent[]) =>
  events
    .filter((event) => event.type === 'phase')
    .map(({ blocks }) =>
      [...new Set(blocks.map(({ ranOn }) => ranOn.replace(/ \d+$/, '')))].join(),
    );

const nowhere: Placement = {
  name: 'nowhere',
  slots: 3,
  open: () => Promise.reject(new PlacementError('no place')),
  openRanking: () => Promise.reject(new PlacementError('no place')),
};

test.serial('a job moves at the next phase, and the model is the same', async (t) => {
  const before = activeResources();
  const ratings = randomRatings(shape);
  const used = ratings.arena.usedBytes;
  const placement = new BehaviorSubject<Placement>(inProcess());
  const events = await eventsOf(
    events$({ placement }, ratings).pipe(
      tap((event) => {
        if (event.type !== 'phase' || event.side !== 'user') return;
        if (event.iteration === 1) placement.next(threads(2));
        if (event.iteration === 3) placement.next(inProcess());
      }),
    ),
  );

  t.deepEqual(outline(events).slice(0, 5), [
    'started',
    'phase 1',
    'moved 1',
    'phase 1',
    'iteration 1',
  ]);
  t.deepEqual(
    events.filter((event) => event.type === 'moved'),
    [
      { type: 'moved', iteration: 1, side: 'item', from: 'in-process', to: 'threads(2)' },
      { type: 'moved', iteration: 3, side: 'item', from: 'threads(2)', to: 'in-process' },
    ],
  );
  const [here, there] = ['event loop', 'thread'];
  t.deepEqual(wheres(events), [here, there, there, there, there, here, here, here]);
  t.deepEqual(factorsOfRun(events), await undisturbed());
  t.is(ratings.arena.usedBytes, used);
  t.false(placement.observed);
  t.deepEqual(await untilQuiet(before), before);
});

test('moving at random moments never changes the model', async (t) => {
  const places = [inProcess(), threads(1), threads(2), threads(3), nowhere];
  const expected = await undisturbed();
  for (let round = 0; round < 4; round++) {
    const ratings = randomRatings(shape);
    const used = ratings.arena.usedBytes;
    const placement = new BehaviorSubject<Placement>(places[round]!);
    const choose = (at: number) => places[Math.floor(places.length * randomAt(round, at, 0))]!;
    let moves = 0;
    const events = await eventsOf(
      events$({ placement }, ratings).pipe(
        tap((event) => {
          if (event.type !== 'phase' || randomAt(round, event.iteration, 1) < 0.3) return;
          placement.next(choose(moves++));
          if (round === 3) placement.next(choose(moves++));
        }),
      ),
    );

    t.deepEqual(factorsOfRun(events), expected, `round ${round}`);
    t.true(moves > 0);
    t.is(ratings.arena.usedBytes, used);
  }
});

test('a place that does not open is a fault, and the job stays where it is', async (t) => {
  const ratings = randomRatings(shape);
  const used = ratings.arena.usedBytes;
  const placement = concat(of(inProcess(), nowhere), NEVER);

  const events = await eventsOf(events$({ placement }, ratings));

  t.deepEqual(
    events.filter((event) => event.type === 'fault'),
    [
      {
        type: 'fault',
        component: 'placement',
        iteration: 0,
        placement: 'nowhere',
        message: 'no place',
        action: 'stay',
      },
    ],
  );
  t.deepEqual(factorsOfRun(events), await undisturbed());
  t.is(ratings.arena.usedBytes, used);
});

test('a place that has no memory for its tasks is a fault too', async (t) => {
  const huge: Placement = { ...inProcess(), name: 'huge', slots: 1e9 };

  const events = await eventsOf(events$({ placement: of(inProcess(), huge) }));

  const [fault] = events.filter((event) => event.type === 'fault');
  t.like(fault, { component: 'placement', placement: 'huge' });
  t.deepEqual(factorsOfRun(events), await undisturbed());
});

test('a first place that does not open is an error', async (t) => {
  await t.throwsAsync(eventsOf(events$({ placement: of(nowhere) })), {
    instanceOf: PlacementError,
  });
});

test('of several places that come at once the last one counts', async (t) => {
  const events = await eventsOf(events$({ placement: of(inProcess(), nowhere, threads(1)) }));

  t.deepEqual(
    outline(events).filter((line) => !/phase|iteration/.test(line)),
    ['started', 'moved 0', 'finished'],
  );
  t.deepEqual(factorsOfRun(events), await undisturbed());
});

test('a paused job moves at once', async (t) => {
  const pause = new BehaviorSubject(true);
  const placement = new BehaviorSubject<Placement>(inProcess());
  const seen: TrainingEvent[] = [];
  const whole = eventsOf(events$({ pause, placement }).pipe(tap((event) => seen.push(event))));
  t.true(await untilTrue(() => seen.length === 1));

  placement.next(threads(1));

  t.true(await untilTrue(() => seen.length === 2));
  t.deepEqual(outline(seen), ['started', 'moved 0']);
  pause.next(false);
  t.deepEqual(factorsOfRun(await whole), await undisturbed());
});

test('a run begins when the first place comes', async (t) => {
  const placement = new Subject<Placement>();
  const seen: TrainingEvent[] = [];
  const whole = eventsOf(events$({ placement }).pipe(tap((event) => seen.push(event))));
  for (let turn = 0; turn < 100; turn++) await nextTurn();

  t.deepEqual(seen, []);
  placement.next(inProcess());

  t.deepEqual(factorsOfRun(await whole), await undisturbed());
});

test('unsubscribing before the first place comes leaves nothing', (t) => {
  const ratings = randomRatings(shape);
  const used = ratings.arena.usedBytes;
  const placement = new Subject<Placement>();

  events$({ placement }, ratings).subscribe().unsubscribe();

  t.false(placement.observed);
  t.is(ratings.arena.usedBytes, used);
});

test.serial('unsubscribing while it moves leaves no thread and no memory', async (t) => {
  const before = activeResources();
  const ratings = randomRatings(shape);
  const used = ratings.arena.usedBytes;
  const placement = new BehaviorSubject<Placement>(threads(1));
  await new Promise<void>((resolve) => {
    const subscription = events$({ placement }, ratings).subscribe((event) => {
      if (event.type !== 'iteration' || event.iteration !== 2) return;
      placement.next(threads(3));
      // The move begins in this turn, and threads take longer to start.
      setImmediate(() => {
        subscription.unsubscribe();
        resolve();
      });
    });
  });

  t.true(await untilTrue(() => ratings.arena.usedBytes === used));
  t.deepEqual(await untilQuiet(before), before);
});

const fails = test.macro(async (t, placement: Observable<unknown>, expected: object) => {
  const ratings = randomRatings(shape);
  const used = ratings.arena.usedBytes;
  const more = { placement: placement as Observable<Placement>, iterations: 100_000 };

  await t.throwsAsync(eventsOf(events$(more, ratings)), expected);

  t.is(ratings.arena.usedBytes, used);
});

const wrong = { instanceOf: InvalidOptionError, code: 'ERR_INVALID_OPTION' };
const failure = throwError(() => new RangeError('no'));
test('a stream that completes without a place is an error', fails, EMPTY, wrong);
test('a value that is no place is an error', fails, of('threads'), wrong);
test('a later value that is no place is one too', fails, of(inProcess(), 'threads'), wrong);
test('a stream that fails at once is an error', fails, failure, { message: 'no' });
test('a stream that fails later ends the run', fails, concat(of(inProcess()), failure), {
  message: 'no',
});
