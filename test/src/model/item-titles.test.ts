import test from 'ava';
import { InvalidIdError, InvalidOptionError, UnknownIdError } from '../../../src/errors.js';
import { withFoldedUsers } from '../../../src/evaluation/with-folded-users.js';
import { syntheticRatings } from '../../../src/ratings/synthetic-ratings.js';
import { smallModel, trainedModel } from '../../helpers/builders/models.js';

const pairs: readonly (readonly [number, string])[] = [
  [30, 'Plum jam'],
  [10, 'Green tea'],
  [99, 'not in the model'],
];

test('titles are those of the items, in their order', (t) => {
  const model = smallModel().withTitles(pairs);

  t.deepEqual(
    [...model.titles],
    [
      [10, 'Green tea'],
      [30, 'Plum jam'],
    ],
  );
  t.is(model.title(10), 'Green tea');
  t.is(model.title(20), undefined);
  t.throws(() => model.title(99), { instanceOf: UnknownIdError });
  t.throws(() => model.title('10'), { instanceOf: UnknownIdError, message: /try 10, a number/ });
});

test('a model without titles has none of any item', (t) => {
  const model = smallModel();

  t.is(model.titles.size, 0);
  t.is(model.title(10), undefined);
});

test('titles replace the old ones, and only in the returned model', (t) => {
  const before = smallModel().withTitles(pairs);

  const after = before.withTitles(new Map([[20, 'Bun']]));

  t.deepEqual([...after.titles], [[20, 'Bun']]);
  t.is(before.titles.size, 2);
  t.is(before.withTitles([]).titles.size, 0);
});

test('arguments may change afterwards, and may be generators', (t) => {
  const given = new Map(pairs);
  const model = smallModel().withTitles(given);
  given.set(10, 'Coffee');
  function* generated() {
    yield* pairs;
  }

  t.is(model.title(10), 'Green tea');
  t.deepEqual(smallModel().withTitles(generated()).titles, model.titles);
});

test('a model with titles is the model in everything else', (t) => {
  const options = { feedback: 'explicit', rank: 3, iterations: 2 } as const;
  const model = trainedModel(
    syntheticRatings({ users: 20, items: 9, density: 0.3, seed: 4 }),
    options,
  );

  const titled = model.withTitles([[0, 'zero']]);

  t.is(titled.itemFactors, model.itemFactors);
  t.is(titled.userBiases, model.userBiases);
  t.is(titled.globalMean, model.globalMean);
  t.deepEqual(titled.seen, model.seen);
  t.deepEqual(titled.settings, model.settings);
  t.deepEqual([...titled.recommendAll()], [...model.recommendAll()]);
  t.deepEqual(titled.explain(1, 2), model.explain(1, 2));
});

test('further ratings and folded-in users leave the titles', async (t) => {
  const model = smallModel().withTitles(pairs);

  const next = model.partialFit([{ user: 'a', item: 50 }]);

  t.deepEqual(next.titles, model.titles);
  t.is(next.title(50), undefined);
  t.is(next.withTitles([[50, 'Cake']]).title(50), 'Cake');
  const ratings = syntheticRatings({ users: 5, items: 4, density: 0.5, seed: 1 });
  const trained = trainedModel(ratings, { rank: 2, iterations: 1 }).withTitles([[0, 'zero']]);
  t.is((await withFoldedUsers(trained, ratings)).title(0), 'zero');
});

test('text that a file cannot hold becomes the text that it would load as', (t) => {
  const odd = '\u0000\u001b[2J"\n\u202e🍵 e\u0301';

  const model = smallModel().withTitles([
    [10, odd],
    [20, `\ude00${odd}\ud83d`],
    [30, ''],
  ]);

  t.is(model.title(10), odd);
  t.is(model.title(20), `\ufffd${odd}\ufffd`);
  t.is(model.title(30), '');
});

test('values that are not titles are refused', (t) => {
  const model = smallModel();
  const wrong: readonly unknown[] = [
    { 10: 'Green tea' },
    'Green tea',
    undefined,
    ['Green tea'],
    [[10, 5]],
    [[10]],
    [[10, null]],
  ];
  for (const titles of wrong) {
    t.throws(() => model.withTitles(titles as never), { instanceOf: InvalidOptionError });
  }
  t.throws(() => model.withTitles([[10, 5]] as never), {
    message: 'found title 5 of item 10; expected a string',
  });
  t.throws(() => model.withTitles([[Number.NaN, 'tea']]), { instanceOf: InvalidIdError });
  t.throws(() => model.withTitles([['10', 'tea']]), { instanceOf: UnknownIdError });
});
