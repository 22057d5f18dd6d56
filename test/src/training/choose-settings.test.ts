import test from 'ava';
import { chooseSettings, factsOf } from '../../../src/training/choose-settings.js';
import type { JobOptions } from '../../../src/training/options.js';
import { checkJobOptions } from '../../../src/training/resolve-options.js';
import { randomRatings } from '../../helpers/builders/jobs.js';

/** As many users and items and stars as MovieLens 100K has, and four fifths of its ratings. */
const movies = { users: 943, items: 1682, ratings: 80_000, meanRating: 3.53 };
/** Pairs, one in 585 cells. */
const packages = { users: 17_432, items: 5_834, ratings: 173_855, meanRating: 1 };

const chosen = (options: JobOptions, facts = movies) =>
  chooseSettings(checkJobOptions(options), facts);
const near = (value: number, expected: number) => Math.abs(value / expected - 1) < 0.005;

test('rated cells weigh alike, and the others by how many are rated', (t) => {
  t.like(chosen({}).options, { objective: 'ials', alpha: 0, regularizationExponent: 1 });
  // 15·0.05 is above the highest weight.
  t.is(chosen({}).options.unobservedWeight, 0.3);
  // 15·0.00171 = 0.0256
  t.is(chosen({}, packages).options.unobservedWeight, 0.0256);
  t.is(chosen({}, { ...packages, ratings: 17_000 }).options.unobservedWeight, 0.01);
});

test('the regularization goes with the root of that weight, whatever the rank', (t) => {
  // 0.022·√0.3
  t.is(chosen({}).options.regularization, 0.012);
  t.is(chosen({}, packages).options.regularization, 0.00352);
  for (const rank of [16, 512]) t.is(chosen({ rank }).options.regularization, 0.012);
});

test('rows of many ratings are regularized less, by the root', (t) => {
  const long = { users: 6040, items: 3706, ratings: 1_000_209, meanRating: 3.58 };
  const ratingsOfRow = long.ratings / Math.sqrt(long.users * long.items);
  t.is(chosen({}, movies).options.regularization, 0.012);
  t.true(near(chosen({}, long).options.regularization, 0.01205 * Math.sqrt(64 / ratingsOfRow)));
});

test('what is given stays', (t) => {
  const given = {
    objective: 'confidence',
    alpha: 3,
    unobservedWeight: 0.7,
    regularization: 5,
    regularizationExponent: 0.5,
  } as const;
  for (const [name, value] of Object.entries(given)) {
    const { options, reason } = chosen({ [name]: value });

    t.like(options, { [name]: value });
    t.true(reason.endsWith(`and for the given ${name}`), reason);
  }
  t.like(chosen(given).options, given);
  t.is(chosen(given).reason, 'all of it is given');
});

test('a given confidence raises what the other cells weigh in proportion', (t) => {
  const { unobservedWeight, regularization } = chosen({ alpha: 40 }).options;
  const c = 1 + 40 * movies.meanRating;

  t.true(near(unobservedWeight, 0.3 * c));
  // The average row: λ·(d + α₀) is c times as large.
  const density = 80_000 / (943 * 1682);
  t.true(near(regularization * (density + unobservedWeight), c * 0.01205 * (density + 0.3)));
});

test('confidence alone gets an alpha that makes rated cells weigh as much more', (t) => {
  const { alpha, unobservedWeight, regularizationExponent } = chosen({
    objective: 'confidence',
  }).options;

  t.like(
    { unobservedWeight, regularizationExponent },
    { unobservedWeight: 1, regularizationExponent: 0 },
  );
  // Counts of another size: rated cells weigh 1 + alpha·mean = 1 + 1/0.3.
  t.true(near(alpha * movies.meanRating, 1 / 0.3));
  const plays = chosen({ objective: 'confidence' }, { ...movies, meanRating: 353 }).options;
  t.true(near(plays.alpha, alpha / 100));
});

test('explicit feedback is regularized as in ALS-WR', (t) => {
  const { options, reason } = chosen({ feedback: 'explicit' });

  t.like(options, {
    regularization: 0.1,
    regularizationExponent: 1,
    alpha: 0,
    unobservedWeight: 0,
  });
  t.is(reason, 'regularization and regularizationExponent as in ALS-WR');
});

test('ratings without a value, and a single cell, get finite settings', (t) => {
  for (const facts of [
    { ...movies, meanRating: 0 },
    { users: 1, items: 1, ratings: 1, meanRating: 5 },
  ]) {
    for (const objective of ['ials', 'confidence'] as const) {
      const { alpha, unobservedWeight, regularization } = chosen({ objective }, facts).options;
      for (const value of [alpha, unobservedWeight, regularization]) {
        t.true(Number.isFinite(value) && value >= 0);
      }
    }
  }
});

test('the facts of ratings that are only described are those of the loaded ones', (t) => {
  const ratings = randomRatings({ users: 30, items: 20, density: 0.3 });
  const facts = factsOf(ratings);
  const count = ratings.byUser.offsets[30]!;
  const sum = ratings.byUser.ratings.reduce((total, rating) => total + rating, 0);

  t.like(facts, { users: 30, items: 20, ratings: count });
  t.is(facts.meanRating, sum / count);
  const described = { ...ratings, described: { mean: 2.5 } } as never;
  t.deepEqual(factsOf(described), { ...facts, meanRating: 2.5 });
});
