import test from 'ava';
import { gpuWorkOf } from '../../../src/training/gpu-work-of.js';
import type { JobOptions } from '../../../src/training/options.js';
import { settingsAsInPaper } from '../../helpers/builders/as-in-paper.js';
import { ratingsOf } from '../../helpers/builders/jobs.js';

const extremeOf = (rating: number, options: JobOptions) => {
  const ratings = ratingsOf(
    [0, 1, 2].map((n) => [n, n, rating] as const),
    3,
    3,
  );
  return gpuWorkOf(ratings, undefined, settingsAsInPaper(options)).extreme;
};

test('weights that a GPU does not scale are named with what it takes', (t) => {
  t.is(
    extremeOf(5, { alpha: 1e9 }),
    'found alpha·rating up to 5000000000; expected at most 100000000',
  );
  t.regex(
    extremeOf(4e9, { feedback: 'explicit' })!,
    /found ratings up to 4000000000; expected at most/,
  );
  t.regex(extremeOf(1e-9, { feedback: 'explicit' })!, /found ratings up to .*e-10; expected more/);
  t.regex(
    extremeOf(5, { regularization: 1e9 })!,
    /found regularization 1000000000; expected at most/,
  );
  t.regex(extremeOf(5, { unobservedWeight: 1e9 })!, /found unobservedWeight 1000000000; expected/);
});

test('a GPU takes the weights that people train with', (t) => {
  t.is(extremeOf(5, { alpha: 40 }), undefined);
  t.is(extremeOf(5, { feedback: 'explicit' }), undefined);
});
