import test from 'ava';
import { InvalidOptionError, UnknownIdError } from '../../../src/errors.js';
import type { Explanation } from '../../../src/model/explain.js';
import { FactorModel } from '../../../src/model/factor-model.js';
import { modelSettings } from '../../../src/model/model-settings.js';
import { listedIds } from '../../../src/ratings/id-vocabulary.js';
import { resolvedAsInPaper } from '../../helpers/builders/as-in-paper.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { objectives, trainedModel } from '../../helpers/builders/models.js';

/** Rank 1, items 2, 1 and 3; the only user rated tea with 1 and jam with 2. */
const tiny = new FactorModel({
  rank: 1,
  userFactors: Float32Array.of(0.25),
  itemFactors: Float32Array.of(2, 1, 3),
  users: listedIds(['ann']),
  items: listedIds(['tea', 'jam', 'bun']),
  seen: () => ({
    offsets: Uint32Array.of(0, 2),
    items: Uint32Array.of(0, 1),
    ratings: Float32Array.of(1, 2),
  }),
  settings: modelSettings(resolvedAsInPaper({ rank: 1, alpha: 1, regularization: 1 })),
});

test('every rating contributes its confidence times how its item pulls towards the other', (t) => {
  // A = YᵀY + Σ (c − 1)·y² + λ = 14 + 1·4 + 2·1 + 1 = 21; c·y'·y/A is 2·3·2/21 and 3·3·1/21.
  const { score, predicted, baseline, contributions, others } = tiny.explain('ann', 'bun');

  t.deepEqual(
    contributions.map(({ itemId, rating }) => [itemId, rating]),
    [
      ['tea', 1],
      ['jam', 2],
    ],
  );
  near(t, contributions[0]!.contribution, 12 / 21);
  near(t, contributions[1]!.contribution, 9 / 21);
  near(t, score, 1);
  t.is(baseline, 0);
  t.is(others, 0);
  // The stored row is 0.25, not the exact 1/3.
  t.is(predicted, 0.75);
});

for (const [name, options] of Object.entries(objectives)) {
  test(`contributions add up to the score of the exact row, ${name}`, (t) => {
    const ratings = randomRatings({ users: 40, items: 30, density: 0.2 });
    const model = trainedModel(ratings, {
      rank: 6,
      iterations: 3,
      regularization: 0.5,
      ...options,
    });
    const rated = Array.from(model.seen.items.subarray(0, model.seen.offsets[1]), (item, at) => ({
      item,
      rating: model.seen.ratings[at]!,
    }));
    const exact = model.foldInUser(rated);

    for (const itemId of [0, 7, 29]) {
      const explanation = model.explain(0, itemId);

      const y = model.itemFactors.subarray(itemId * 6, (itemId + 1) * 6);
      const product = exact.factors.reduce((sum, x, k) => sum + x * y[k]!, 0);
      const bias = model.itemBiases?.[itemId] ?? 0;
      near(t, explanation.score, model.globalMean + exact.bias + bias + product);
      near(t, sumOf(explanation), explanation.score);
      t.is(explanation.baseline, model.globalMean + bias);
      t.is(explanation.predicted, model.predict(0, itemId));
      t.is(explanation.contributions.length, rated.length);
    }
  });
}

test('the largest contributions come first, and count leaves the rest in one sum', (t) => {
  const ratings = randomRatings({ users: 40, items: 30, density: 0.4 });
  const model = trainedModel(ratings, { rank: 4, iterations: 2, feedback: 'explicit' });

  const all = model.explain(1, 5);
  const few = model.explain(1, 5, { count: 2 });

  const amounts = all.contributions.map(({ contribution }) => contribution);
  t.deepEqual(
    amounts,
    amounts.toSorted((a, b) => b - a),
  );
  t.deepEqual(few.contributions, all.contributions.slice(0, 2));
  near(t, sumOf(few), all.score);
  t.not(few.others, 0);
});

test('a folded-in user is explained by its own ratings', (t) => {
  const user = tiny.foldInUser([{ item: 'tea' }, { item: 'jam', rating: 2 }]);

  const explanation = tiny.explain(user, 'bun');

  t.deepEqual(explanation.contributions, tiny.explain('ann', 'bun').contributions);
  near(t, explanation.predicted, Math.fround(explanation.score), 1e-6);
});

test('the score of a user without ratings is the baseline', (t) => {
  const stranger = tiny.foldInUser([]);

  t.deepEqual(tiny.explain(stranger, 'bun'), {
    itemId: 'bun',
    score: 0,
    predicted: 0,
    baseline: 0,
    contributions: [],
    others: 0,
  });
});

test('unknown ids and a count of 0 are errors', (t) => {
  t.throws(() => tiny.explain('bob', 'tea'), { instanceOf: UnknownIdError });
  t.throws(() => tiny.explain('ann', 'pie'), { instanceOf: UnknownIdError });
  t.throws(() => tiny.explain('ann', 'tea', { count: 0 }), { instanceOf: InvalidOptionError });
});

function sumOf({ baseline, contributions, others }: Explanation): number {
  return contributions.reduce((sum, { contribution }) => sum + contribution, baseline + others);
}

function near(
  t: { true(value: boolean, message: string): void },
  actual: number,
  expected: number,
  tolerance = 1e-9,
): void {
  t.true(Math.abs(actual - expected) <= tolerance, `${actual}, expected ${expected}`);
}
