import test from 'ava';
import { map, type OperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import type { Ratings, RatingsSplit } from '../../../src/ratings/ratings.js';

/** Three users rated three items each, at times 1 to 9. */
export const nineRatings = ratingsFromColumns({
  users: [0, 0, 0, 1, 1, 1, 2, 2, 2],
  items: [0, 1, 2, 0, 1, 2, 0, 1, 2],
  timestamps: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  userCount: 3,
  itemCount: 3,
});

/** Trained on, withheld and visible: how many of each. */
export const sizes = map(({ train, test, foldIn }: RatingsSplit) =>
  [train, test, ...(foldIn ? [foldIn] : [])].map(({ byUser }) => byUser.columns.length).join('+'),
);

/** A split emits one value for each of its source, when it comes. */
export const followsSource = test.macro({
  exec(t, split: OperatorFunction<Ratings, RatingsSplit>, size: string) {
    for (const [source, expected, subscription] of [
      ['-', '-', '^----!'],
      ['--|', '--|', '^-!'],
      ['-r|', '-s|', '^-!'],
      ['-r-r|', '-s-s|', '^---!'],
      ['-r#', '-s#', '^-!'],
      ['-r-r-r-', '-s-s-', '^----!'],
    ] as const) {
      new TestScheduler((actual, wanted) => t.deepEqual(actual, wanted)).run(
        ({ cold, expectObservable, expectSubscriptions }) => {
          const input = cold<Ratings>(source, { r: nineRatings });
          expectObservable(input.pipe(split, sizes), '-----!').toBe(expected, { s: size });
          expectSubscriptions(input.subscriptions).toBe(subscription);
        },
      );
    }
  },
  title: (name) => `${name} follows its source: never, empty, one, many, error, unsubscribe`,
});
