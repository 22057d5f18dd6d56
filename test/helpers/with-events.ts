import test from 'ava';
import type { OperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** The iterations of a run, `i`, that a stage is given, in time. */
export interface EventMarbles {
  readonly source: string;
  /** What the stage makes of them until frame 11, when it is left. */
  readonly expected: string;
  readonly subscription: string;
}

/** What a stage does with events of training other than `finished`. */
export const withEvents = test.macro(
  (
    t,
    // biome-ignore lint/suspicious/noExplicitAny: a stage for any events that have a type.
    stage: OperatorFunction<any, unknown>,
    { source, expected, subscription }: EventMarbles,
  ) => {
    const values = { i: { type: 'iteration' } };
    new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(
      ({ cold, expectObservable, expectSubscriptions }) => {
        const events = cold(source, values);
        expectObservable(events.pipe(stage), '^----------!').toBe(expected, values);
        expectSubscriptions(events.subscriptions).toBe(subscription);
      },
    );
  },
);
