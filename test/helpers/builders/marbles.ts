import test from 'ava';
import type { MonoTypeOperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { TrainingEvent } from '../../../dataflow/training/training-event.js';
import { finishedEvent } from './training-events.js';

/** Events by marble; the marble of a `finished` depends on its iterations. */
export type Marbles = Readonly<Record<string, TrainingEvent>>;

/**
 * A macro for an operator on training events, in virtual time: what comes out, and how long the
 * source is subscribed to. Digits are `finished` events of so many iterations.
 */
export const passes = (own: Marbles) =>
  test.macro(
    (
      t,
      operator: MonoTypeOperatorFunction<TrainingEvent>,
      source: string,
      expected: string,
      subscription: string,
      unsubscribe?: string,
    ) => {
      const scheduler = new TestScheduler((actual, wanted) =>
        t.deepEqual(plain(actual), plain(wanted)),
      );
      scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
        const values = marbles(own);
        const events$ = cold<TrainingEvent>(source, values, failure);
        expectObservable(events$.pipe(operator), unsubscribe).toBe(expected, values, failure);
        expectSubscriptions(events$.subscriptions).toBe(subscription);
      });
    },
  );

/** The marbles given, and digits for `finished` events of so many iterations. */
export function marbles(own: Marbles): Marbles {
  return { ...digits, ...own };
}

const failure = new RangeError('source failed');

const digits: Marbles = Object.fromEntries(
  Array.from({ length: 10 }, (_, iterations) => [`${iterations}`, finishedEvent(iterations)]),
);

/** A message of the scheduler without functions, which are never equal, and without models. */
export function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, part) => {
      if (['model', 'train', 'test'].includes(key)) return undefined;
      return part instanceof Error ? `${part.name}: ${part.message}` : part;
    }),
  );
}
