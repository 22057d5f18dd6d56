import test from 'ava';
import { InvalidOptionError, UnknownIdError } from '../../../src/errors.js';
import { evaluateRanking } from '../../../src/evaluation/evaluate-ranking.js';
import { mostPopular } from '../../../src/evaluation/most-popular.js';
import { createModel } from '../../../src/model/create-model.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import { splitByFraction } from '../../../src/ratings/holdout.js';
import type { Ratings, RatingsSplit } from '../../../src/ratings/ratings.js';
import { synthetic } from '../../../src/ratings/synthetic.js';
import { defaultJobOptions } from '../../../src/training/options.js';

type Pairs = readonly (readonly [user: number, item: number])[];

/** Train and test with the same rows and names: test rows are renumbered as `splitByFraction` does. */
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
    k: 2,
    users: 3,
    recall: (1 / 1 + 1 / 2 + 1 / 1) / 3,
    precision: (1 / 2 + 1 / 2 + 1 / 2) / 3,
    ndcg: (1 + 1 / (1 + 1 / Math.log2(3)) + 1 / Math.log2(3)) / 3,
    map: (1 / 1 + 1 / 2 + 1 / 2 / 1) / 3,
  });
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
  const { precision } = await evaluateRanking(stubborn, small, { k: 2 });

  t.is(precision, (1 / 2 + 1 / 2 + 0) / 3);
});

test('on a checkerboard the withheld item of everyone comes first', async (t) => {
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
    settings: { ...defaultJobOptions, rank: 2 },
  });

  const { users, recall, ndcg, map } = await evaluateRanking(model, split, { k: 1 });

  t.deepEqual({ users, recall, ndcg, map }, { users: 8, recall: 1, ndcg: 1, map: 1 });
});

test('popular items are better than items by number on popularity-skewed ratings', async (t) => {
  const split = splitByFraction(synthetic({ users: 200, items: 100, density: 0.1, seed: 3 }));
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

  t.true(popular.recall > 2 * other.recall, `${popular.recall} against ${other.recall}`);
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

  const { users, recall } = await evaluateRanking(mostPopular(nothing.train), nothing);

  t.is(users, 0);
  t.is(recall, NaN);
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
  const many = splitByFraction(synthetic({ users: 300, items: 8000, density: 0.005, seed: 3 }));

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
