import test from 'ava';
import { InvalidIdError } from '../../../src/errors.js';
import { evaluateRanking } from '../../../src/evaluation/evaluate-ranking.js';
import { mostPopular } from '../../../src/evaluation/most-popular.js';
import { splitForModel } from '../../../src/evaluation/split-for-model.js';
import { ratingsFromRows } from '../../../src/ratings/from-rows.js';
import { smallModel } from '../../helpers/builders/models.js';
import { triplesByUser } from '../../helpers/builders/rating-triples.js';

test('ratings that the model cannot list are left out and counted', (t) => {
  const ratings = ratingsFromRows([
    { user: 'z', item: 10 },
    { user: 'z', item: 99 },
    { user: 'a', item: 99 },
    { user: 'a', item: 10 },
    { user: 'a', item: 30, rating: 3 },
    { user: 'b', item: 40, rating: 4 },
  ]);

  const { train, test, leftOut } = splitForModel(smallModel(), ratings);

  t.deepEqual(leftOut, { unknownUser: 2, unknownItem: 1, seen: 1 });
  t.deepEqual(triplesByUser(train), [
    ['a', 10, 5],
    ['b', 20, 1],
    ['b', 30, 2],
  ]);
  t.deepEqual(triplesByUser(test), [
    ['a', 30, 3],
    ['b', 40, 4],
  ]);
});

test('a model is measured against all its items, and so is the baseline', async (t) => {
  const model = smallModel();
  const ratings = ratingsFromRows([
    { user: 'a', item: 30 },
    { user: 'b', item: 40 },
  ]);

  const split = splitForModel(model, ratings);
  const ofModel = await evaluateRanking(model, split, { k: 2, auc: true });
  const ofPopular = await evaluateRanking(mostPopular(split.train), split, { k: 2, auc: true });

  // The model lists 20 and 30 (both 3), then 40 for a; 10 and 40 (both 0) for b.
  t.like(ofModel, { users: 2, 'recall@2': 1, 'mrr@2': 1 / 2, 'coverage@2': 1 });
  t.is(ofModel.auc, (1.5 / 2 + 0.5) / 2);
  // Everything unseen was rated once, but 40: 20 and 30 for a; 10 and 40 for b.
  t.like(ofPopular, { users: 2, 'recall@2': 1, 'mrr@2': 1 / 2 });
  t.is(ofPopular.auc, (1.5 / 2 + 0) / 2);
});

test('if no rating is left, the error says why', (t) => {
  const ratings = ratingsFromRows([
    { user: 'z', item: 10 },
    { user: 'a', item: 10 },
  ]);

  t.throws(() => splitForModel(smallModel(), ratings), {
    instanceOf: InvalidIdError,
    message: /1 rating by unknown users such as "z" beside "a" and 1 rating that the model was/,
  });
});
