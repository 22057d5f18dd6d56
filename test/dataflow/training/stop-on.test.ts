import test from 'ava';
import { NEVER, of, Subject, tap } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { inProcess } from '../../../actors/placements/in-process.js';
import { stopOn } from '../../../dataflow/training/stop-on.js';
import { train } from '../../../dataflow/training/train.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { marbles, plain } from '../../helpers/builders/marbles.js';
import { iterationEvent, startedEvent } from '../../helpers/builders/training-events.js';
import { eventsOf, factorsOfRun, finishedOf } from '../../helpers/probes/events.js';

const events = marbles({
  s: startedEvent(),
  a: iterationEvent(1),
  b: iterationEvent(2),
});

const emits = test.macro(
  (t, source: string, notifier: string, expected: string, left: readonly [string, string]) => {
    new TestScheduler((actual, wanted) => t.deepEqual(plain(actual), plain(wanted))).run(
      ({ cold, expectObservable, expectSubscriptions }) => {
        const events$ = cold(source, events);
        const notifier$ = cold(notifier);
        expectObservable(events$.pipe(stopOn(notifier$))).toBe(expected, events);
        expectSubscriptions(events$.subscriptions).toBe(left[0]);
        expectSubscriptions(notifier$.subscriptions).toBe(left[1]);
      },
    );
  },
);

test('never: stays subscribed to both', emits, '-', '-', '-', ['^', '^']);
test('empty: completes and leaves the notifier', emits, '--|', '-', '--|', ['^-!', '^-!']);
test('one iteration, no notification', emits, '-s-a-1|', '-', '-s-a-1|', ['^-----!', '^-----!']);
test(
  'many: ends at once with the last iteration that is done',
  emits,
  '-s-a-b----a',
  '-------x',
  '-s-a-b-(2|)',
  ['^------!', '^------!'],
);
test('asked before the first iteration, it ends after that', emits, '-s-a-b-', '--x', '-s-(a1|)', [
  '^--!',
  '^-!',
]);
test(
  'asked before anything, it ends after the first iteration',
  emits,
  '-s-a-b-',
  'x',
  '-s-(a1|)',
  ['^--!', '(^!)'],
);
test('a notifier that completes changes nothing', emits, '-s-a-1|', '--|', '-s-a-1|', [
  '^-----!',
  '^-!',
]);
test(
  'an error of the notifier ends the stream and leaves the source',
  emits,
  '-s-a-b-',
  '----#',
  '-s-a#',
  ['^---!', '^---!'],
);
test('an error of the source ends the stream and leaves the notifier', emits, '-s-#', '-', '-s-#', [
  '^--!',
  '^--!',
]);
test(
  'asked between two runs, it ends after the first iteration of the second',
  emits,
  '-s-a-1-s-a-b',
  '------x',
  '-s-a-1-s-(a1|)',
  ['^--------!', '^-----!'],
);

test('unsubscribing leaves both', (t) => {
  new TestScheduler((actual, wanted) => t.deepEqual(plain(actual), plain(wanted))).run(
    ({ cold, expectObservable, expectSubscriptions }) => {
      const events$ = cold('-s-a-b-', events);
      const notifier$ = cold('-');
      expectObservable(events$.pipe(stopOn(notifier$)), '^---!').toBe('-s-a-', events);
      expectSubscriptions(events$.subscriptions).toBe('^---!');
      expectSubscriptions(notifier$.subscriptions).toBe('^---!');
    },
  );
});

test('a run that is asked to stop ends with the model of the last iteration', async (t) => {
  const ratings = randomRatings({ users: 60, items: 50, density: 0.2 });
  const options = { rank: 6, placement: inProcess() };
  const enough = new Subject<void>();

  const stopped = await eventsOf(
    of(ratings).pipe(
      train({ ...options, iterations: 100_000 }),
      tap((event) => {
        // In the middle of the fifth iteration.
        if (event.type === 'phase' && event.iteration === 5) enough.next();
      }),
      stopOn(enough),
    ),
  );

  t.is(finishedOf(stopped).iterations, 4);
  const four = await eventsOf(
    of(ratings).pipe(train({ ...options, iterations: 4 }), stopOn(NEVER)),
  );
  t.deepEqual(factorsOfRun(stopped), factorsOfRun(four));
});
