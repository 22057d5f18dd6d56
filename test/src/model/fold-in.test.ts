import test from 'ava';
import {
  DuplicateRatingError,
  InvalidIdError,
  InvalidOptionError,
  InvalidRatingError,
  SingularSystemError,
  UnknownIdError,
} from '../../../src/errors.js';
import { referenceKernel } from '../../../src/kernels/reference/reference-kernel.js';
import type { FactorModel } from '../../../src/model/factor-model.js';
import type { FoldedItem, FoldedUser } from '../../../src/model/folded-row.js';
import { ratingsFromRows } from '../../../src/ratings/from-rows.js';
import type { Ratings, Side } from '../../../src/ratings/ratings.js';
import type { JobOptions } from '../../../src/training/options.js';
import { runInPlace } from '../../../src/training/run-in-place.js';
import { factorsOf, openJob, randomRatings, relativeError } from '../../helpers/builders/jobs.js';
import { objectives, smallModel, trainedModel } from '../../helpers/builders/models.js';
import { ratingRows } from '../../helpers/builders/rating-triples.js';

const settings = { rank: 6, iterations: 3, regularization: 0.5 };

for (const [name, options] of Object.entries(objectives)) {
  test(`folding in known users and items equals their exact solve, ${name}`, (t) => {
    const ratings = randomRatings({ users: 40, items: 30, density: 0.2 });
    const rows = ratingRows(ratings);
    const model = trainedModel(ratings, { ...settings, ...options });

    const users = [...model.foldInUsers(rows).entries()].sort(([a], [b]) => Number(a) - Number(b));
    const items = [...model.foldInItems(rows).entries()].sort(([a], [b]) => Number(a) - Number(b));

    // Both start from float32 rows and go on in float64, by the same arithmetic; coordinate descent
    // starts from different rows, and rests at slopes of 1e-13 in systems of condition 1e4.
    const tolerance = options.nonnegative ? 1e-8 : 1e-12;
    const exact = (side: Side) => exactRows(ratings, model, { ...settings, ...options }, side);
    t.true(
      relativeError(
        users.map(([, row]) => wide(row)),
        exact('user'),
      ) < tolerance,
    );
    t.true(
      relativeError(
        items.map(([, row]) => wide(row)),
        exact('item'),
      ) < tolerance,
    );
    t.is(users.length, 40);
    t.is(items.length, 30);

    function wide({ factors, bias }: FoldedUser | FoldedItem): number[] {
      return model.settings.biases ? [...factors, bias] : [...factors];
    }
  });
}

/** What a phase of exact solves makes of one side, from the factors of a model: x…, then b if any. */
function exactRows(
  ratings: Ratings,
  model: FactorModel,
  options: JobOptions,
  side: Side,
): number[][] {
  const { rank, userFactors, itemFactors, userBiases, itemBiases } = model;
  const initialFactors = {
    userFactors,
    itemFactors,
    ...(userBiases && itemBiases && { userBiases, itemBiases }),
  };
  const { job, solver } = openJob(
    referenceKernel,
    ratings,
    { ...options, iterations: 1, solver: 'cholesky', initialFactors },
    { phaseOrder: side === 'user' ? ['user', 'item'] : ['item', 'user'] },
  );
  runInPlace(job, solver);
  // Two more coordinates with biases: users x… b 1, items y… 1 b.
  return factorsOf(job, side, 1).map((row) =>
    model.settings.biases ? [...row.slice(0, rank), row[side === 'user' ? rank : rank + 1]!] : row,
  );
}

test('a folded-in user is recommended to, without what it rated', (t) => {
  const model = smallModel();

  const user = model.foldInUser([{ item: 10, rating: 5 }]);
  const list = model.recommend(user);

  t.deepEqual(list.map(({ itemId }) => itemId).sort(), [20, 30, 40]);
  t.deepEqual(
    list.map(({ itemId }) => model.predict(user, itemId)),
    list.map(({ score }) => score),
  );
  t.is(model.recommend(user, { filterSeen: false }).length, 4);
  t.deepEqual(
    [...model.scoreAll([user])].map((scores) => [...scores]),
    [[10, 20, 30, 40].map((item) => model.predict(user, item))],
  );
});

test('a folded-in row finds similar rows, itself not being one of them', (t) => {
  const model = smallModel();

  // Against users 1 0, 0 1 and 0 0 an item that only b rated lies along 0 1.
  const item = model.foldInItem([{ user: 'b' }]);
  t.deepEqual(model.similarItems(item), [
    { itemId: 30, score: Math.fround(2 / Math.sqrt(13)) },
    { itemId: 20, score: Math.fround(1 / Math.sqrt(10)) },
    { itemId: 10, score: 0 },
  ]);
  t.is(model.similarUsers(model.foldInUser([{ item: 10 }]))[0]!.userId, 'a');
});

test('biases and the mean are part of a folded-in user’s scores', (t) => {
  const ratings = randomRatings({ users: 30, items: 20, density: 0.3 });
  const model = trainedModel(ratings, { rank: 3, feedback: 'explicit', regularization: 0.1 });

  const user = model.foldInUser([
    { item: 3, rating: 5 },
    { item: 4, rating: 4 },
  ]);

  const y = model.itemFactors.subarray(7 * 3, 8 * 3);
  const product = user.factors.reduce((sum, x, k) => sum + x * y[k]!, 0);
  const score = model.globalMean + user.bias + model.itemBiases![7]! + product;
  t.not(user.bias, 0);
  t.true(Math.abs(model.predict(user, 7) - score) < 1e-5);
});

test('a row without ratings is zero', (t) => {
  const user = smallModel().foldInUser([]);

  t.deepEqual(user, { side: 'user', factors: new Float64Array(2), bias: 0, ratings: [] });
  t.is(smallModel().recommend(user, { count: 9 }).length, 4);
});

test('a rating without a value is 1, and duplicates are merged by the policy', (t) => {
  const model = smallModel();
  const twice = [{ item: 20, rating: 3 }, { item: 10 }, { item: 20, rating: 2 }];

  t.deepEqual(model.foldInUser(twice).ratings, [
    { item: 10, rating: 1 },
    { item: 20, rating: 2 },
  ]);
  t.is(model.foldInUser(twice, { duplicates: 'sum' }).ratings[1]!.rating, 5);
  t.throws(() => model.foldInUser(twice, { duplicates: 'error' }), {
    instanceOf: DuplicateRatingError,
    message: /item 20/,
  });
});

test('an unknown item is an error, or ignored when asked to', (t) => {
  const model = smallModel();
  const ratings = [{ item: 10 }, { item: 99 }];

  t.throws(() => model.foldInUser(ratings), { instanceOf: UnknownIdError, message: /item 99/ });
  t.throws(() => model.foldInItem([{ user: 'z' }]), { instanceOf: UnknownIdError });
  t.deepEqual(model.foldInUser(ratings, { unknown: 'ignore' }), model.foldInUser([{ item: 10 }]));
});

test('folding in stores nothing', (t) => {
  const model = smallModel();
  const before = model.userFactors.slice();

  model.foldInUsers([{ user: 'a', item: 40, rating: 9 }]);

  t.deepEqual(model.userFactors, before);
  t.deepEqual(model.userIds, ['a', 'b', 'c']);
  t.is(model.recommend('a')[0]!.itemId, 20);
});

test('folding in many gives each the row that it gets alone, in order of appearance', (t) => {
  const model = smallModel();

  const folded = model.foldInUsers([
    { user: 'new', item: 20 },
    { user: 'a', item: 10 },
    { user: 'new', item: 30, rating: 2 },
  ]);

  t.deepEqual([...folded.keys()], ['new', 'a']);
  t.deepEqual(folded.get('new'), model.foldInUser([{ item: 20 }, { item: 30, rating: 2 }]));
});

test('invalid ratings are errors', (t) => {
  const model = smallModel();

  for (const rating of [Number.NaN, Number.POSITIVE_INFINITY, -1, '3' as never, 1e39, 1.6e9]) {
    t.throws(() => model.foldInUser([{ item: 10, rating }]), { instanceOf: InvalidRatingError });
  }
  t.throws(() => model.foldInUser('ab' as never), { instanceOf: InvalidOptionError });
  t.throws(() => model.foldInUsers(7 as never), { instanceOf: InvalidOptionError });
  t.throws(() => model.foldInUsers([{ user: null as never, item: 10 }]), {
    instanceOf: InvalidIdError,
  });
  t.throws(() => model.foldInUser([], { unknown: 'skip' as never }), {
    instanceOf: InvalidOptionError,
  });
});

test('a row of another model or side is an error', (t) => {
  const model = smallModel();
  const item = model.foldInItem([{ user: 'a' }]);
  const longer = { ...model.foldInUser([]), factors: new Float64Array(3) };

  t.throws(() => model.recommend(item as never), { instanceOf: InvalidOptionError });
  t.throws(() => model.recommend(longer), { instanceOf: InvalidOptionError, message: /rank 2/ });
});

test('ratings that do not determine a row without regularization are an error', (t) => {
  const rows = [
    { user: 'ann', item: 'tea', rating: 4 },
    { user: 'ann', item: 'jam', rating: 2 },
    { user: 'bob', item: 'tea', rating: 5 },
  ];
  const options = { rank: 3, feedback: 'explicit', regularization: 0, iterations: 2 } as const;
  const model = trainedModel(ratingsFromRows(rows), options);

  t.throws(() => model.foldInUser([{ item: 'tea', rating: 4 }]), {
    instanceOf: SingularSystemError,
    message: /folded-in user/,
  });
});
