import test from 'ava';
import { adviceBehindPopular } from '../../../src/cli/advice-behind-popular.js';
import { evaluateRanking } from '../../../src/evaluation/evaluate-ranking.js';
import type { Recommender } from '../../../src/model/recommender.js';
import { ratingsFromRows } from '../../../src/ratings/from-rows.js';
import { holdOut } from '../../../src/ratings/split/hold-out.js';
import { startedEvent } from '../../helpers/builders/training-events.js';

const started = startedEvent();

/** Gives everyone the same list. */
function always(itemId: string): Recommender {
  return { recommend: () => [{ itemId, score: 1 }] };
}

async function reports(...lists: readonly string[]) {
  const ratings = ratingsFromRows([
    { user: 'ann', item: 'tea' },
    { user: 'ann', item: 'jam' },
    { user: 'bob', item: 'bun' },
  ]);
  // Of ann's two: which one depends on the seed.
  const split = holdOut({ perUser: 1, seed: 1 })(ratings);
  const { byUser, items } = split.test;
  const withheld = items.ids.at(items.positions[byUser.columns[0]!]!);
  const of = (list: string) => always(list === 'withheld' ? (withheld as string) : list);
  return Promise.all(lists.map((list) => evaluateRanking(of(list), split, { k: 1 })));
}

test('a model worse than the most popular items gets advice', async (t) => {
  const [model, mostPopular] = await reports('bun', 'withheld');

  const behind = { model: model!, mostPopular: mostPopular! };

  const advice = (objective: 'confidence' | 'ials') =>
    adviceBehindPopular(behind, { ...started, settings: { ...started.settings, objective } })!;
  t.regex(advice('ials'), /more --regularization or a smaller --rank\./);
  t.regex(advice('confidence'), /a smaller --rank, or --objective ials\./);
  t.regex(
    adviceBehindPopular(behind, { ...started, feedback: 'explicit' })!,
    /train without --feedback explicit/,
  );
});

test('an equally good model gets no advice', async (t) => {
  const [model, mostPopular] = await reports('withheld', 'bun');

  t.is(adviceBehindPopular({ model: model!, mostPopular: mostPopular! }, started), undefined);
});
