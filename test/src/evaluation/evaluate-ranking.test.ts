import test from 'ava';
import { InvalidOptionError, UnknownIdError } from '../../../src/errors.js';
import { evaluateRanking } from '../../../src/evaluation/evaluate-ranking.js';
import { mostPopular } from '../../../src/evaluation/most-popular.js';
import { createModel } from '../../../src/model/create-model.js';
import type { RecommendOptions } from '../../../src/model/recommender.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import type { Ratings, RatingsSplit } from '../../../src/ratings/ratings.js';
import { holdOut } from '../../../src/ratings/split/hold-out.js';
import { syntheticRatings } from '../../../src/ratings/synthetic-ratings.js';
import { defaultJobOptions, paperSettings } from '../../../src/training/options.js';

type Pairs = readonly (readonly [user: number, item: number])[];

/** Train and test with the same rows and names: test rows are renumbered as `holdOut` does. */
function splitOf(
  train: Pairs,
  withheld: Pairs,
  userCount: number,
  itemCount: number,
): RatingsSplit {
  const all = [...train, ...withheld];
  const isWithheld = new Set(withheld.map(String));
  const ratings = ratingsFromColumns({
    users: all.map(([user]) => user),
    items: all.map(([, item]) => item),
    userCount,
    itemCount,
  });
  const { users, items } = ratings;
  const keep = (keepWithheld: boolean): Ratings => ({
    ...ratings,
    byUser: filtered(
      ratings.byUser,
      (row, column) =>
        isWithheld.has(`${users.positions[row]},${items.positions[column]}`) === keepWithheld,
    ),
    byItem: filtered(
      ratings.byItem,
      (row, column) =>
        isWithheld.has(`${users.positions[column]},${items.positions[row]}`) === keepWithheld,
    ),
  });
  return { train: keep(false), test: keep(true) };
}

function filtered(rows: Ratings['byUser'], isKept: (row: number, column: number) => boolean) {
  const offsets = [0];
  const kept: number[] = [];
  for (let row = 0; row < rows.rowCount; row++) {
    for (let at = rows.offsets[row]!; at < rows.offsets[row + 1]!; at++) {
      if (isKept(row, rows.columns[at]!)) kept.push(at);
    }
    offsets.push(kept.length);
  }
  return {
    ...rows,
    offsets: Uint32Array.from(offsets),
    columns: Uint32Array.from(kept, (at) => rows.columns[at]!),
    ratings: Float32Array.from(kept, (at) => rows.ratings[at]!),
  };
}

// Counts in training: item 0 three, item 1 two, items 2 and 3 one. User 3 has nothing withheld.
const small = splitOf(
  [
    [0, 0],
    [0, 1],
    [1, 0],
    [2, 1],
    [2, 2],
    [3, 0],
    [3, 3],
  ],
  [
    [0, 2],
    [1, 1],
    [1, 3],
    [2, 3],
  ],
  4,
  4,
);

test('the metrics of most popular are those computed by hand', async (t) => {
  // Lists at k = 2: user 0 [2, 3] of 2; user 1 [1, 2] of 1, 3; user 2 [0, 3] of 3.
  const report = await evaluateRanking(mostPopular(small.train), small, { k: 2 });

  t.deepEqual(report, {
    k: [2],
    users: 3,
    'recall@2': (1 / 1 + 1 / 2 + 1 / 1) / 3,
    'precision@2': (1 / 2 + 1 / 2 + 1 / 2) / 3,
    'ndcg@2': (1 + 1 / (1 + 1 / Math.log2(3)) + 1 / Math.log2(3)) / 3,
    'map@2': (1 / 1 + 1 / 2 + 1 / 2 / 1) / 3,
    'mrr@2': (1 / 1 + 1 / 1 + 1 / 2) / 3,
    'hitRate@2': 1,
    // User 0: 2 before 3. User 1: 1 before 2, but 3 after it. User 2: 3 after 0.
    'auc@2': (1 / 1 + 1 / 2 + 0 / 1) / 3,
    'coverage@2': 4 / 4,
  });
});

test('every cutoff is measured on the same lists', async (t) => {
  const both = await evaluateRanking(mostPopular(small.train), small, { k: [2, 1, 2] });
  const one = await evaluateRanking(mostPopular(small.train), small, { k: 1 });

  t.deepEqual(both.k, [2, 1]);
  t.is(both['ndcg@1'], one['ndcg@1']);
  t.is(both['coverage@1'], one['coverage@1']);
  // Lists at k = 1: 2, 1 and 0.
  t.is(both['coverage@1'], 3 / 4);
});

test('the exact AUC counts every pair, and ties one half', async (t) => {
  // Unseen and their counts: user 0 has 2:1 against 3:1; user 1 1:2, 3:1 against 2:1; user 2 3:1 against 0:3.
  const report = await evaluateRanking(mostPopular(small.train), small, { k: [], auc: true });

  t.deepEqual(report, { k: [], users: 3, auc: (1 / 2 + 1.5 / 2 + 0) / 3 });
});

test('the exact AUC is that of the whole list if a recommender has no scores', async (t) => {
  const { recommend } = mostPopular(small.train);

  const report = await evaluateRanking({ recommend }, small, { k: [], auc: true });

  t.is(report.auc, (1 / 2 + 1.5 / 2 + 0) / 3);
});

test('most popular filters as a model does', (t) => {
  const { recommend } = mostPopular(small.train);
  const ids = (options: RecommendOptions) => recommend(1, options).map(({ itemId }) => itemId);

  t.deepEqual(ids({ filterSeen: false }), [0, 1, 2, 3]);
  t.deepEqual(ids({ allow: [3, 1, 0] }), [1, 3]);
  t.deepEqual(ids({ deny: [1] }), [2, 3]);
  t.deepEqual(ids({ count: 1 }), [1]);
});

test('most popular recommends by rating count, ties by row, without what was rated', (t) => {
  t.deepEqual(mostPopular(small.train).recommend(1), [
    { itemId: 1, score: 2 },
    { itemId: 2, score: 1 },
    { itemId: 3, score: 1 },
  ]);
  t.throws(() => mostPopular(small.train).recommend(9), { instanceOf: UnknownIdError });
});

test('every result counts once, and only the first k', async (t) => {
  const stubborn = {
    recommend: (userId: unknown) =>
      [userId === 1 ? 1 : 2, 1, 3, 3].map((itemId) => ({ itemId, score: 1 })),
  };

  // User 0 [2, 1] of 2; user 1 [1, 1] of 1, 3; user 2 [2, 1] of 3.
  const report = await evaluateRanking(stubborn, small, { k: 2 });

  t.is(report['precision@2'], (1 / 2 + 1 / 2 + 0) / 3);
});

test('on a checkerboard the withheld item of every user comes first', async (t) => {
  // User u rated every item of the same colour but item u, and nothing else.
  const pairs = Array.from({ length: 64 }, (_, cell) => [cell >> 3, cell & 7] as const);
  const split = splitOf(
    pairs.filter(([user, item]) => (user + item) % 2 === 0 && user !== item),
    pairs.filter(([user, item]) => user === item),
    8,
    8,
  );
  const colours = ({ positions }: Ratings['users']) =>
    Float32Array.from([...positions].flatMap((at) => [1 - (at % 2), at % 2]));
  const model = createModel({
    rank: 2,
    stride: 2,
    userFactors: colours(split.train.users),
    itemFactors: colours(split.train.items),
    ratings: split.train,
    settings: { ...defaultJobOptions, ...paperSettings, rank: 2 },
  });

  const report = await evaluateRanking(model, split, { k: 1, auc: true });

  t.like(report, { users: 8, 'recall@1': 1, 'ndcg@1': 1, 'map@1': 1, auc: 1 });
});

test('popular items are better than items by number on popularity-skewed ratings', async (t) => {
  const split = holdOut()(syntheticRatings({ users: 200, items: 100, density: 0.1, seed: 3 }));
  const { byUser, items } = split.train;
  const unpopular = {
    // Inside rows go by falling count, so the last ones are the least popular.
    recommend: () =>
      Array.from({ length: 10 }, (_, at) => ({
        itemId: items.ids.at(items.positions[byUser.columnCount - 1 - at]!),
        score: 0,
      })),
  };

  const popular = await evaluateRanking(mostPopular(split.train), split, { k: 10 });
  const other = await evaluateRanking(unpopular, split, { k: 10 });

  t.true(popular['recall@10'] > 2 * other['recall@10']);
});

test('without withheld ratings the metrics are NaN and the users 0', async (t) => {
  const nothing = splitOf(
    [
      [0, 0],
      [1, 1],
    ],
    [],
    2,
    2,
  );

  const report = await evaluateRanking(mostPopular(nothing.train), nothing, { auc: true });

  t.is(report.users, 0);
  t.is(report['recall@20'], NaN);
  t.is(report['coverage@20'], NaN);
  t.is(report.auc, NaN);
});

test('progress runs from none to all users', async (t) => {
  const calls: [number, number][] = [];

  await evaluateRanking(mostPopular(small.train), small, {
    onProgress: (done, total) => calls.push([done, total]),
  });

  t.deepEqual(calls, [
    [0, 3],
    [3, 3],
  ]);
});

test('an aborted evaluation rejects with the reason', async (t) => {
  const abort = new AbortController();
  const reason = new Error('enough');
  const onProgress = () => abort.abort(reason);
  const { signal } = abort;
  const many = holdOut()(syntheticRatings({ users: 300, items: 8000, density: 0.005, seed: 3 }));

  const error = await t.throwsAsync(
    evaluateRanking(mostPopular(many.train), many, { signal, onProgress }),
  );

  t.is(error, reason);
});

test('a cutoff that is no positive integer is an error', async (t) => {
  await t.throwsAsync(evaluateRanking(mostPopular(small.train), small, { k: 0 }), {
    instanceOf: InvalidOptionError,
    code: 'ERR_INVALID_OPTION',
  });
});
