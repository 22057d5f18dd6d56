import test from 'ava';
import { InvalidOptionError } from '../../../src/errors.js';
import { ratingErrors } from '../../../src/evaluation/rating-errors.js';
import { ratingsFromRows } from '../../../src/ratings/from-rows.js';
import { smallModel } from '../../helpers/builders/models.js';

test('rmse and mae compare predictions with ratings', (t) => {
  // Predictions 4, 2, 0: errors 1, 2, −1.
  const test = ratingsFromRows([
    { user: 'b', item: 30, rating: 4 },
    { user: 'a', item: 10, rating: 5 },
    { user: 'c', item: 10, rating: -1 },
  ]);

  const { count, rmse, mae } = ratingErrors(smallModel(), test);

  t.is(count, 3);
  t.is(rmse, Math.sqrt(6 / 3));
  t.is(mae, 4 / 3);
});

test('predictions beyond the clip count as its nearer end', (t) => {
  // Predictions 4 and 0, clipped to 3 and 1: errors 2 and −2.
  const test = ratingsFromRows([
    { user: 'a', item: 10, rating: 5 },
    { user: 'c', item: 10, rating: -1 },
  ]);

  const { rmse, mae } = ratingErrors(smallModel(), test, { clip: [1, 3] });

  t.is(rmse, 2);
  t.is(mae, 2);
});

test('a clip that is no range is an error', (t) => {
  const test = ratingsFromRows([{ user: 'a', item: 10, rating: 5 }]);

  t.throws(() => ratingErrors(smallModel(), test, { clip: [5, 1] }), {
    instanceOf: InvalidOptionError,
  });
});
