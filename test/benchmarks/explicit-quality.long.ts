import test from 'ava';
import { explicitQuality } from '../helpers/suites/explicit-quality.js';

test.serial('ALS-WR reaches the known errors on a random tenth of MovieLens 1M', async (t) => {
  const results = await explicitQuality(t, ['--sets', 'ml-1m', '--parts', 'settings']);

  for (const { figure, rmse, options } of results) {
    // Another tenth than the figure's: from one to the next they differ by up to 0.006.
    const failure = `${rmse}, not ${figure}: ${JSON.stringify(options)}`;
    t.true(rmse <= figure + 0.002 && rmse >= figure - 0.01, failure);
  }
});

test.serial('a search on training ratings alone finds settings better than SVD', async (t) => {
  const results = await explicitQuality(t, ['--parts', 'search', '--quick']);

  for (const { rmse, svd, errors } of results) {
    t.is(errors.length, 5);
    t.true(rmse < svd, `${rmse}; SVD's published error is ${svd}`);
  }
});
