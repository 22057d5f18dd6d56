import test from 'ava';
import fc from 'fast-check';
import { evaluateRanking } from '../../../src/evaluation/evaluate-ranking.js';
import type { Recommender } from '../../../src/model/recommender.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { joinTest } from '../../../src/ratings/split/join-test.js';
import { leaveOutSeen } from '../../../src/ratings/split/leave-out-seen.js';

const [userCount, itemCount] = [5, 6];
const pair = fc.record({ user: fc.nat(userCount - 1), item: fc.nat(itemCount - 1) });
const pairs = fc.array(pair, { minLength: 1, maxLength: 25 });
/** Also lists that repeat items, hold what the user rated, or unknown items. */
const lists = fc.array(fc.array(fc.nat(itemCount + 1), { maxLength: 12 }), {
  minLength: userCount,
  maxLength: userCount,
});
const scores = fc.array(
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(Number.NaN, Infinity, -Infinity)),
  { minLength: itemCount, maxLength: itemCount },
);

function ratingsOf(found: readonly { readonly user: number; readonly item: number }[]): Ratings {
  return ratingsFromColumns({
    users: found.map(({ user }) => user),
    items: found.map(({ item }) => item),
    userCount,
    itemCount,
  });
}

test('every figure lies from 0 to 1, for any withheld ratings and any lists', async (t) => {
  await fc.assert(
    fc.asyncProperty(pairs, pairs, lists, scores, async (train, withheld, lists, scores) => {
      const isNew = ({ user, item }: (typeof train)[number]) =>
        !train.some((known) => known.user === user && known.item === item);
      fc.pre(withheld.some(isNew));
      const [known, test] = [ratingsOf(train), ratingsOf(withheld)];
      const recommender: Recommender = {
        recommend: (user) => lists[Number(user)]!.map((itemId) => ({ itemId, score: 0 })),
        scoreAll: (users) => Array.from(users, () => Float32Array.from(scores)),
      };
      const overlapping = joinTest(known, test);
      const joined = leaveOutSeen(overlapping);

      for (const split of [joined, overlapping]) {
        const report = await evaluateRanking(recommender, split, { k: [1, 3, 10], auc: true });

        const { k: _k, users, leftOut, ...figures } = report;
        t.true(users >= 1);
        t.is(leftOut, split === joined ? undefined : joined.leftOut?.seen);
        for (const [name, figure] of Object.entries(figures)) {
          t.true(Number.isNaN(figure) || (figure >= 0 && figure <= 1), `${name} is ${figure}`);
        }
        for (const name of ['recall@3', 'ndcg@3', 'precision@3', 'map@3', 'mrr@3', 'hitRate@3']) {
          t.false(Number.isNaN(report[name as 'recall@3']), name);
        }
      }
    }),
    { seed: 42, numRuns: 200 },
  );
});
