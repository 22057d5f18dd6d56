import test from 'ava';
import { InvalidOptionError, UnknownIdError } from '../../../src/errors.js';
import { modelOf, smallModel } from '../../helpers/builders/models.js';

const invalidOption = { instanceOf: InvalidOptionError, code: 'ERR_INVALID_OPTION' };
const unknownId = { instanceOf: UnknownIdError, code: 'ERR_UNKNOWN_ID' };

test('recommend leaves out what the user rated, and breaks ties by row', (t) => {
  // User a is (1, 0): items 10, 20, 30, 40 score 4, 3, 3, 0, and 10 is rated.
  t.deepEqual(smallModel().recommend('a', { count: 2 }), [
    { itemId: 20, score: 3 },
    { itemId: 30, score: 3 },
  ]);
});

test('recommend includes rated items on demand', (t) => {
  t.deepEqual(smallModel().recommend('a', { count: 1, filterSeen: false }), [
    { itemId: 10, score: 4 },
  ]);
});

test('recommend returns fewer items than count when fewer are left', (t) => {
  t.deepEqual(itemIds(smallModel().recommend('b')), [10, 40]);
});

test('allowed items are the only candidates, and unknown ones are ignored', (t) => {
  t.deepEqual(itemIds(smallModel().recommend('a', { allow: [40, 30, 10, 99] })), [30, 40]);
  t.deepEqual(smallModel().recommend('a', { allow: [] }), []);
});

test('denied items are left out even if allowed', (t) => {
  const options = { allow: [20, 30], deny: new Set([20, 99]) };

  t.deepEqual(itemIds(smallModel().recommend('a', options)), [30]);
});

test('one call does not affect the next', (t) => {
  const model = smallModel();
  const before = model.recommend('a');

  model.recommend('a', { allow: [40] });
  model.recommend('b', { deny: [10, 20] });

  t.deepEqual(model.recommend('a'), before);
});

test('a user without ratings scores every item 0, in the order of the ids', (t) => {
  t.deepEqual(smallModel().recommend('c', { count: 2 }), [
    { itemId: 10, score: 0 },
    { itemId: 20, score: 0 },
  ]);
});

test('recommendAll gives every user what recommend gives, filters from a generator too', (t) => {
  const model = smallModel();
  const deny = (function* () {
    yield 30;
  })();

  t.deepEqual(
    [...model.recommendAll({ count: 2, deny })],
    ['a', 'b', 'c'].map((userId) => ({
      userId,
      recommendations: model.recommend(userId, { count: 2, deny: [30] }),
    })),
  );
});

test('similarItems ranks by cosine without the item and without zero rows', (t) => {
  // 20 is (3, 1): with 10 (4, 0) 12 / (√10·4) = 0.948683, with 30 (3, 2) 11 / √130 = 0.964764.
  const similar = smallModel().similarItems(20);

  t.deepEqual(itemIds(similar), [30, 10]);
  t.is(similar[0]!.score, Math.fround(11 / Math.sqrt(130)));
  t.is(similar[1]!.score, Math.fround(3 / Math.sqrt(10)));
});

test('nothing is similar to an item without ratings', (t) => {
  t.deepEqual(smallModel().similarItems(40), []);
});

test('similarUsers names users', (t) => {
  t.deepEqual(smallModel().similarUsers('a', { count: 5 }), [{ userId: 'b', score: 0 }]);
});

test('predict is the score that recommend gives', (t) => {
  const model = smallModel();

  for (const { itemId, score } of model.recommend('b')) t.is(model.predict('b', itemId), score);
  t.is(model.predict('b', 30), 2);
});

/** 4 + b_u + b_i + x·y: user 0 scores 4 − 1 + 0.5 + 2 and 4 − 1; user 1 rated nothing. */
const biased = modelOf(2, Float32Array.of(1, 2, 0, 0), Float32Array.of(1, 0.5, 0, 0), undefined, {
  userBiases: Float32Array.of(-1, 0),
  itemBiases: Float32Array.of(0.5, 0),
  globalMean: 4,
});

test('scores of a model with biases are the mean, both biases and the product', (t) => {
  t.deepEqual(biased.recommend(0), [
    { itemId: 0, score: 5.5 },
    { itemId: 1, score: 3 },
  ]);
  t.is(biased.predict(0, 0), 5.5);
});

test('the score of a user without ratings is the mean plus the bias of the item', (t) => {
  t.deepEqual(biased.recommend(1), [
    { itemId: 0, score: 4.5 },
    { itemId: 1, score: 4 },
  ]);
  t.deepEqual([...biased.recommendAll()][1]!.recommendations, biased.recommend(1));
});

test('a mean without biases is part of every score', (t) => {
  const model = modelOf(1, Float32Array.of(1), Float32Array.of(2), undefined, { globalMean: 3 });

  t.is(model.predict(0, 0), 5);
});

test('biases do not count for similarity', (t) => {
  const factors = Float32Array.of(1, 0, 2, 0, 0, 1);
  const itemBiases = Float32Array.of(0, 9, 0);
  const model = modelOf(2, new Float32Array(2), factors, undefined, {
    userBiases: Float32Array.of(0),
    itemBiases,
    globalMean: 3,
  });

  t.deepEqual(model.similarItems(0), [
    { itemId: 1, score: 1 },
    { itemId: 2, score: 0 },
  ]);
});

test('an unknown id is an error that shows known ones', (t) => {
  const model = smallModel();

  t.throws(() => model.recommend('z'), { ...unknownId, message: /user "z" .* 3 user ids .* "a"/ });
  t.throws(() => model.similarItems(11), {
    ...unknownId,
    message: /item 11 .* such as 10, 20, 30/,
  });
  t.throws(() => model.similarUsers('z'), unknownId);
  t.throws(() => model.predict('a', 11), unknownId);
});

test('an id of another type is an error that says which type is known', (t) => {
  const model = smallModel({ userIds: ['1', '2', '3'] });

  t.throws(() => model.predict('1', '10'), { ...unknownId, message: /try 10, a number/ });
  t.throws(() => model.predict('1', 10n), { ...unknownId, message: /try 10, a number/ });
  t.throws(() => model.recommend(1), { ...unknownId, message: /try "1", a string/ });
});

for (const count of [0, -1, 1.5, NaN, Infinity, '3' as unknown as number]) {
  test(`a count of ${typeof count} ${count} is an error`, (t) => {
    const model = smallModel();

    t.throws(() => model.recommend('a', { count }), invalidOption);
    t.throws(() => model.recommendAll({ count }).next(), invalidOption);
    t.throws(() => model.similarItems(10, { count }), invalidOption);
    t.throws(() => model.similarUsers('a', { count }), invalidOption);
  });
}

test('filters of the wrong type are errors', (t) => {
  const model = smallModel();

  t.throws(() => model.recommend('a', { allow: 'abc' }), invalidOption);
  t.throws(() => model.recommend('a', { deny: 7 as never }), invalidOption);
  t.throws(() => model.recommend('a', { filterSeen: 'no' as never }), invalidOption);
});

function itemIds(list: readonly { readonly itemId: unknown }[]): unknown[] {
  return list.map(({ itemId }) => itemId);
}
