import test from 'ava';
import { explicitQuality } from '../helpers/suites/explicit-quality.js';

test('ALS-WR reaches the known errors on the official folds of MovieLens 100K', async (t) => {
  const results = await explicitQuality(t, ['--sets', 'ml-100k', '--parts', 'settings']);

  for (const { figure, rmse, errors, options } of results) {
    t.is(errors.length, 5);
    t.true(Math.abs(rmse - figure) <= 0.002, `${rmse}, not ${figure}: ${JSON.stringify(options)}`);
  }
});
