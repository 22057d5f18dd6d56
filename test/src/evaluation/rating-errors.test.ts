import test from 'ava';
import { ratingErrors } from '../../../src/evaluation/rating-errors.js';
import { ratingsFromRows } from '../../../src/ratings/from-rows.js';
import { smallModel } from '../../helpers/models.js';

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
