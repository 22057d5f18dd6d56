import test from 'ava';
import { globalMeanBaseline, itemMeans } from '../../../src/evaluation/mean-ratings.js';
import { ratingsOf } from '../../helpers/builders/jobs.js';

// Item 0: 1 and 4; item 1: 5, 3 and 2; item 2: nothing.
const ratings = ratingsOf(
  [
    [0, 0, 1],
    [1, 0, 4],
    [0, 1, 5],
    [1, 1, 3],
    [2, 1, 2],
  ],
  3,
  3,
);

test('the global mean is that of all ratings', (t) => {
  t.is(globalMeanBaseline(ratings).predict(2, 2), 3);
});

test('an item has the mean of its ratings, or that of all without any', (t) => {
  const { predict } = itemMeans(ratings);

  t.is(predict(2, 0), 2.5);
  t.is(predict(0, 1), 10 / 3);
  t.is(predict(0, 2), 3);
});
