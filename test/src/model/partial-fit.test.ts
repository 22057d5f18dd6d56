import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import {
  DuplicateRatingError,
  InvalidIdError,
  InvalidOptionError,
  InvalidRatingError,
  SingularSystemError,
} from '../../../src/errors.js';
import type { FactorModel } from '../../../src/model/factor-model.js';
import { loadModel } from '../../../src/model/store/load-model.js';
import { type RatingRow, ratingsFromRows } from '../../../src/ratings/from-rows.js';
import type { Id } from '../../../src/ratings/id-vocabulary.js';
import { randomRatings, relativeError } from '../../helpers/builders/jobs.js';
import { objectives, smallModel, trainedModel } from '../../helpers/builders/models.js';
import { ratingRows } from '../../helpers/builders/rating-triples.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

const settings = { rank: 5, iterations: 3, regularization: 0.5 };
const old = ratingRows(randomRatings({ users: 40, items: 30, density: 0.2 }));

/** Known and new users and items, also both at once, and a pair that may be rated already. */
const news: readonly RatingRow[] = [
  { user: 3, item: 7, rating: 5 },
  { user: 3, item: 'new book', rating: 4 },
  { user: 'new reader', item: 7, rating: 2 },
  { user: 'new reader', item: 8 },
  { user: 'new reader', item: 'new book', rating: 3 },
];

for (const [name, options] of Object.entries(objectives)) {
  const trained = () => trainedModel(ratingsFromRows(old), { ...settings, ...options });

  test(`users with new ratings are solved first, against the items as they were, ${name}`, (t) => {
    const before = trained();
    const known = news.filter(({ item }) => item !== 'new book');

    const after = before.partialFit(known, { iterations: 1 });

    const folded = before.foldInUsers(merged(old, known));
    for (const id of [3, 'new reader']) near(t, user(after, id), folded.get(id)!);
  });

  test(`items with new ratings are solved last, from all their ratings, ${name}`, (t) => {
    const after = trained().partialFit(news);

    const folded = after.foldInItems(merged(old, news));
    for (const id of [7, 8, 'new book']) near(t, item(after, id), folded.get(id)!);
  });

  test(`rows without new ratings stay, ${name}`, (t) => {
    const before = trained();

    const after = before.partialFit(news);

    for (const id of before.userIds) if (id !== 3) t.deepEqual(user(after, id), user(before, id));
    for (const id of before.itemIds) {
      if (id !== 7 && id !== 8) t.deepEqual(item(after, id), item(before, id));
    }
  });

  test(`a model fitted in parts folds in like the same one read from files, ${name}`, async (t) => {
    let model = trained();
    for (const row of news) model = model.partialFit([row]);
    const folder = await scratchFolder(t);
    await model.save(folder);
    const loaded = await loadModel(folder);

    // The Gram matrices were kept up to date through five models; the loaded one sums its own.
    const ratings = [{ item: 7 }, { item: 'new book', rating: 2 }];
    const [kept, summed] = [model.foldInUser(ratings), loaded.foldInUser(ratings)];
    for (const [k, x] of summed.factors.entries()) t.true(Math.abs(kept.factors[k]! - x) < 1e-9);
  });
}

test('the model that was fitted does not change', (t) => {
  const model = smallModel();
  const rows = model.userFactors.slice();
  const list = model.recommend('a');

  model.partialFit([{ user: 'a', item: 40, rating: 9 }]);

  t.deepEqual(model.userFactors, rows);
  t.deepEqual(model.recommend('a'), list);
  t.is(model.seen.items.length, 3);
});

test('new ids come after the known ones, also after many appends', (t) => {
  const model = smallModel()
    .partialFit([{ user: 'd', item: 50 }])
    .partialFit([{ user: 'e', item: 50 }])
    .partialFit([{ user: 'd', item: 60 }]);

  t.deepEqual(model.userIds, ['a', 'b', 'c', 'd', 'e']);
  t.deepEqual(model.itemIds, [10, 20, 30, 40, 50, 60]);
  t.is(model.userFactors.length, 10);
  t.deepEqual([...model.seen.items.subarray(model.seen.offsets[3])], [4, 5, 4]);
  t.notThrows(() => model.predict('e', 60));
});

test('newly rated items are left out of recommendations', (t) => {
  const model = smallModel().partialFit([{ user: 'a', item: 20 }]);

  t.deepEqual(new Set(model.recommend('a').map(({ itemId }) => itemId)), new Set([30, 40]));
  t.deepEqual([...model.recommendAll()][0]!.recommendations, model.recommend('a'));
});

test('a rating of a rated pair replaces it, or is merged by the policy', (t) => {
  // User b rated 20 with 1 and 30 with 2.
  const again = [{ user: 'b', item: 20, rating: 4 }];
  const ratingsOf = (model: FactorModel) => [...model.seen.ratings];

  t.deepEqual(ratingsOf(smallModel().partialFit(again)), [5, 4, 2]);
  t.deepEqual(ratingsOf(smallModel().partialFit(again, { duplicates: 'sum' })), [5, 5, 2]);
  t.deepEqual(ratingsOf(smallModel().partialFit(again, { duplicates: 'mean' })), [5, 2.5, 2]);
  t.throws(() => smallModel().partialFit(again, { duplicates: 'error' }), {
    instanceOf: DuplicateRatingError,
    message: /user "b", item 20/,
  });
});

test('no ratings give an equal model', (t) => {
  const model = smallModel();

  const after = model.partialFit([]);

  t.deepEqual(after.userFactors, model.userFactors);
  t.deepEqual(after.seen, model.seen);
  t.deepEqual(after.recommend('b'), model.recommend('b'));
});

test('a new user learns from a new item that others rated', (t) => {
  const model = smallModel().partialFit([
    { user: 'd', item: 50 },
    { user: 'b', item: 50 },
  ]);

  // d knows nothing but 50, which b likes as well as 30 and 20.
  t.true(model.predict('d', 50) > 0.5);
  t.is(model.recommend('d', { count: 1 })[0]!.itemId, 30);
});

test('a new user and a new item with ratings only between them stay zero', (t) => {
  const model = smallModel().partialFit([{ user: 'd', item: 50 }]);

  t.is(model.predict('d', 50), 0);
});

test('the ratings are the same as when they are all read at once', (t) => {
  const row = fc.record({
    user: fc.integer({ min: 0, max: 12 }),
    item: fc.integer({ min: 0, max: 9 }),
    rating: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), fc.array(row, { maxLength: 40 }), (a, b) => {
      const first = [{ user: 0, item: 0 }, { user: 1, item: 1 }, ...a];
      const options = { rank: 2, iterations: 1, alpha: 1 };
      const parts = trainedModel(ratingsFromRows(first), options).partialFit(b);
      const whole = trainedModel(ratingsFromRows([...first, ...b]), options);
      t.deepEqual(parts.userIds, whole.userIds);
      t.deepEqual(parts.itemIds, whole.itemIds);
      t.deepEqual(parts.seen, {
        offsets: whole.seen.offsets.slice(),
        items: whole.seen.items.slice(),
        ratings: whole.seen.ratings.slice(),
      });
    }),
    { seed: 4, numRuns: 100 },
  );
});

test('ratings that do not determine a row without regularization are an error with its id', (t) => {
  const rows = [
    { user: 'ann', item: 'tea', rating: 4 },
    { user: 'ann', item: 'jam', rating: 2 },
    { user: 'bob', item: 'tea', rating: 5 },
  ];
  const options = { rank: 3, feedback: 'explicit', regularization: 0, iterations: 2 } as const;
  const model = trainedModel(ratingsFromRows(rows), options);

  t.throws(() => model.partialFit([{ user: 'cleo', item: 'tea', rating: 4 }]), {
    instanceOf: SingularSystemError,
    message: /user "cleo"/,
  });
});

test('a rank that only subspace trains is fitted too', (t) => {
  const options = { rank: 600, solver: 'subspace', iterations: 1, alpha: 2 } as const;
  const ratings = ratingsFromRows(old);
  const model = trainedModel(ratings, { ...options, regularization: 1 });

  const after = model.partialFit(news.slice(0, 1), { iterations: 1 });

  near(t, item(after, 7), after.foldInItems(merged(old, news.slice(0, 1))).get(7)!);
});

test('invalid ratings and options are errors', (t) => {
  const model = smallModel();
  const refuses = (rows: unknown, instanceOf: new (...args: never[]) => Error) =>
    t.throws(() => model.partialFit(rows as RatingRow[]), { instanceOf: instanceOf as never });

  refuses([{ user: 'a', item: 10, rating: -1 }], InvalidRatingError);
  refuses([{ user: 'a', item: 10, rating: Number.NaN }], InvalidRatingError);
  refuses([{ user: 'a' }], InvalidIdError);
  refuses([{ user: Number.NaN, item: 10 }], InvalidIdError);
  refuses('rows', InvalidOptionError);
  refuses(undefined, InvalidOptionError);
  t.throws(() => model.partialFit([], { iterations: 0 }), { instanceOf: InvalidOptionError });
  t.throws(() => model.partialFit([], { duplicates: 'both' as never }), {
    instanceOf: InvalidOptionError,
  });
});

test('new ratings that are Unix times are refused, and large numbers among others are not', (t) => {
  const model = smallModel();

  const error = t.throws(
    () =>
      model.partialFit([
        { user: 'a', item: 10, rating: 1.6e9 },
        { user: 'new', item: 10, rating: 1.61e9 },
      ]),
    { instanceOf: InvalidRatingError, code: 'ERR_INVALID_RATING' },
  );

  t.regex(error!.message, /seconds since 1970: is this a time\?.*without the field rating.*divide/);
  t.notThrows(() =>
    model.partialFit([
      { user: 'a', item: 10, rating: 1.6e9 },
      { user: 'new', item: 10, rating: 3 },
    ]),
  );
});

/** All ratings, each pair with its last one. */
function merged(...parts: readonly (readonly RatingRow[])[]): RatingRow[] {
  const rows = new Map(parts.flat().map((row) => [`${row.user} ${row.item}`, row]));
  return [...rows.values()];
}

/** The factors of a row, then its bias, 0 if the model has none. */
function user({ rank, userIds, userFactors, userBiases }: FactorModel, id: Id): Float32Array {
  const at = userIds.indexOf(id);
  return Float32Array.of(
    ...userFactors.subarray(at * rank, (at + 1) * rank),
    userBiases?.[at] ?? 0,
  );
}

function item({ rank, itemIds, itemFactors, itemBiases }: FactorModel, id: Id): Float32Array {
  const at = itemIds.indexOf(id);
  return Float32Array.of(
    ...itemFactors.subarray(at * rank, (at + 1) * rank),
    itemBiases?.[at] ?? 0,
  );
}

/** The kernel works in float32, whose rounding these systems of condition 100 and less enlarge. */
function near(
  t: ExecutionContext,
  stored: Float32Array,
  exact: { readonly factors: Float64Array; readonly bias: number },
): void {
  const error = relativeError([[...stored]], [[...exact.factors, exact.bias]]);
  t.true(error < 1e-5, `relative error ${error}`);
}

test('new rows are solved by the kernel that is asked for', (t) => {
  const model = trainedModel(ratingsFromRows(old), settings);
  const bits = (kernel: 'reference' | 'wasm-simd128') =>
    model.partialFit(news, { kernel }).userFactors;

  t.deepEqual(bits('wasm-simd128'), bits('wasm-simd128'));
  t.notDeepEqual(bits('wasm-simd128'), bits('reference'));
  t.throws(() => model.partialFit(news, { kernel: 'gpu' as never }), {
    instanceOf: InvalidOptionError,
    code: 'ERR_INVALID_OPTION',
  });
});
