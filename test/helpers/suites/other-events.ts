import test from 'ava';
import type { OperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** What a stage does with events that are not its own: it passes them on, or drops them. */
export const otherEvents = test.macro({
  exec(
    t,
    // biome-ignore lint/suspicious/noExplicitAny: a stage for any events that have a type.
    stage: OperatorFunction<any, unknown>,
    does: 'passes' | 'drops',
  ) {
    const values = { i: { type: 'iteration' } };
    for (const [source, passed, dropped, subscription] of [
      ['-', '-', '-', '^----------!'],
      ['--|', '--|', '--|', '^-!'],
      ['-i-|', '-i-|', '---|', '^--!'],
      ['-i-i-|', '-i-i-|', '-----|', '^----!'],
      ['-i-#', '-i-#', '---#', '^--!'],
      ['-i-', '-i-', '---', '^----------!'],
    ] as const) {
      new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(
        ({ cold, expectObservable, expectSubscriptions }) => {
          const events = cold(source, values);
          const expected = does === 'passes' ? passed : dropped;
          expectObservable(events.pipe(stage), '^----------!').toBe(expected, values);
          expectSubscriptions(events.subscriptions).toBe(subscription);
        },
      );
    }
  },
  title: (_, _stage, does) =>
    `it ${does} events of training: never, empty, one, many, error, unsubscribe`,
});
