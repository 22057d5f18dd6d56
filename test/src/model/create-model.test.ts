import test from 'ava';
import { createModel } from '../../../src/model/create-model.js';
import { seenRatings } from '../../../src/model/seen-ratings.js';
import { ratingsFromColumns } from '../../../src/ratings/from-columns.js';
import { ratingsFromRows } from '../../../src/ratings/from-rows.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { defaultJobOptions, paperSettings } from '../../../src/training/options.js';
import { goldenRun } from '../../helpers/builders/golden-run.js';

/** Rows inside go by falling count: users 1, 2, 0 and items 2, 0, 1. */
const ratings = ratingsFromColumns({
  users: [1, 1, 1, 2, 2, 0],
  items: [2, 0, 1, 2, 0, 2],
  ratings: [1, 2, 3, 4, 5, 6],
  userCount: 3,
  itemCount: 3,
});

/** Rank 2 in rows of 4: row r holds 10·r + 1 and 10·r + 2, padding 0. */
function padded(Floats: Float32ArrayConstructor | Float64ArrayConstructor) {
  return Floats.of(1, 2, 0, 0, 11, 12, 0, 0, 21, 22, 0, 0);
}

const trained = {
  rank: 2,
  stride: 4,
  ratings,
  settings: { ...defaultJobOptions, ...paperSettings, rank: 2 },
};

for (const Floats of [Float32Array, Float64Array]) {
  test(`${Floats.name} rows lose their padding and come in the order of the ids`, (t) => {
    const model = createModel({
      ...trained,
      userFactors: padded(Floats),
      itemFactors: padded(Floats),
    });

    t.deepEqual(model.userIds, [0, 1, 2]);
    t.deepEqual(model.userFactors, Float32Array.of(21, 22, 1, 2, 11, 12));
    t.deepEqual(model.itemFactors, Float32Array.of(11, 12, 21, 22, 1, 2));
  });
}

test('rows with biases are taken apart', (t) => {
  // Users x x b 1, items y y 1 b, and one element of padding.
  const model = createModel({
    ...trained,
    stride: 5,
    biases: true,
    globalMean: 2.5,
    userFactors: Float64Array.of(1, 2, 7, 1, 0, 11, 12, 17, 1, 0, 21, 22, 27, 1, 0),
    itemFactors: Float64Array.of(1, 2, 1, 8, 0, 11, 12, 1, 18, 0, 21, 22, 1, 28, 0),
  });

  t.deepEqual(model.userFactors, Float32Array.of(21, 22, 1, 2, 11, 12));
  t.deepEqual(model.userBiases, Float32Array.of(27, 7, 17));
  t.deepEqual(model.itemFactors, Float32Array.of(11, 12, 21, 22, 1, 2));
  t.deepEqual(model.itemBiases, Float32Array.of(18, 28, 8));
  t.is(model.globalMean, 2.5);
  // User 1 is row 0, item 2 is row 0.
  t.is(model.predict(1, 2), 2.5 + 1 * 1 + 2 * 2 + 7 + 8);
});

test('the factors of the golden run recommend its top five', (t) => {
  const { X, Y, factors: rank, ratings: cells, top5User0 } = goldenRun;
  const ratings = ratingsFromColumns({
    users: cells.map(([user]) => user),
    items: cells.map(([, item]) => item),
    ratings: cells.map(([, , rating]) => rating),
    userCount: X.length,
    itemCount: Y.length,
  });
  const inside = (rows: number[][], { positions }: Ratings['users']) =>
    Float64Array.from([...positions].flatMap((position) => rows[position]!));
  const model = createModel({
    rank,
    stride: rank,
    userFactors: inside(X, ratings.users),
    itemFactors: inside(Y, ratings.items),
    ratings,
    settings: { ...defaultJobOptions, ...paperSettings, rank },
  });

  const top = model.recommend(0, { count: 5 });

  t.deepEqual(
    top.map(({ itemId }) => itemId),
    top5User0.map(({ item }) => item),
  );
  // Factors are rounded to float32, 6e-8 relative, and so are scores.
  for (const [i, { score }] of top.entries()) {
    t.true(Math.abs(score - top5User0[i]!.score) < 1e-6);
  }
});

test('the model does not change when training overwrites its factors', (t) => {
  const userFactors = padded(Float32Array);
  const model = createModel({ ...trained, userFactors, itemFactors: padded(Float32Array) });

  userFactors.fill(0);

  t.deepEqual(model.userFactors, Float32Array.of(21, 22, 1, 2, 11, 12));
});

test('the settings are the ones of the model and no others', (t) => {
  const initialFactors = { userFactors: padded(Float32Array), itemFactors: padded(Float32Array) };
  const settings = { ...trained.settings, initialFactors };

  const model = createModel({ ...trained, ...initialFactors, settings });

  t.false('initialFactors' in model.settings);
  t.deepEqual(model.settings, JSON.parse(JSON.stringify(model.settings)));
  t.is(model.settings.rank, 2);
});

test('seen ratings come by position, items ascending', (t) => {
  t.deepEqual(seenRatings(ratings), {
    offsets: Uint32Array.of(0, 1, 4, 6),
    items: Uint32Array.of(2, 0, 1, 2, 0, 2),
    ratings: Float32Array.of(6, 2, 3, 1, 5, 4),
  });
});

test('seen ratings are made once for all models of a run', (t) => {
  const factors = { userFactors: padded(Float32Array), itemFactors: padded(Float32Array) };

  const [first, second] = [
    createModel({ ...trained, ...factors }),
    createModel({ ...trained, ...factors }),
  ];

  t.is(first.seen, second.seen);
});

test('seen ratings are not copied if rows are positions', (t) => {
  const inOrder = ratingsFromRows([
    { user: 'a', item: 'x' },
    { user: 'a', item: 'y' },
    { user: 'b', item: 'x' },
  ]);

  t.is(seenRatings(inOrder).items, inOrder.byUser.columns);
});
