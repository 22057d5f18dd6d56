import test from 'ava';
import { adviceBehindPopular } from '../../../src/cli/advice-behind-popular.js';
import { evaluateRanking } from '../../../src/evaluation/evaluate-ranking.js';
import type { Recommender } from '../../../src/model/recommender.js';
import { ratingsFromRows } from '../../../src/ratings/from-rows.js';

/** Gives everyone the same list. */
function always(itemId: string): Recommender {
  return { recommend: () => [{ itemId, score: 1 }] };
}

async function reports(...lists: readonly string[]) {
  const train = ratingsFromRows([
    { user: 'ann', item: 'tea' },
    { user: 'ann', item: 'jam' },
  ]);
  const test = { ...train };
  return Promise.all(lists.map((item) => evaluateRanking(always(item), { train, test }, { k: 1 })));
}

test('a model behind the most popular items gets advice', async (t) => {
  const [model, mostPopular] = await reports('bun', 'tea');

  t.regex(adviceBehindPopular({ model: model!, mostPopular: mostPopular! })!, /--regularization/);
});

test('a model that is as good needs none', async (t) => {
  const [model, mostPopular] = await reports('tea', 'jam');

  t.is(adviceBehindPopular({ model: model!, mostPopular: mostPopular! }), undefined);
});
