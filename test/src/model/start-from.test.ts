import test from 'ava';
import { lastValueFrom, of, toArray } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { type TrainingOptions, train } from '../../../dataflow/training/train.js';
import { InvalidOptionError } from '../../../src/errors.js';
import type { FactorModel } from '../../../src/model/factor-model.js';
import { startFrom } from '../../../src/model/start-from.js';
import { type RatingRow, ratingsFromRows } from '../../../src/ratings/from-rows.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { settingsAsInPaper } from '../../helpers/builders/as-in-paper.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { objectives, smallModel, trainedModel } from '../../helpers/builders/models.js';
import { ratingRows } from '../../helpers/builders/rating-triples.js';

const old = ratingRows(randomRatings({ users: 40, items: 30, density: 0.2 }));
const settings = { rank: 5, regularization: 0.5, kernel: 'reference' } as const;

for (const [name, options] of Object.entries(objectives)) {
  test(`going on from a model is as if training had not stopped, ${name}`, async (t) => {
    const ratings = ratingsFromRows(old);
    const objective = { ...settings, ...options, solver: 'cholesky' } as const;
    const whole = await lossesOf(ratings, { ...objective, iterations: 21 });

    const initialModel = await modelOf(ratings, { ...objective, iterations: 20 });
    const [next] = await lossesOf(ratings, { ...objective, iterations: 1, initialModel });

    // The model keeps its factors in float32.
    t.true(Math.abs(next! / whole.at(-1)! - 1) < 1e-6);
    t.true(next! < whole[0]! * 0.999);
    t.true(next! <= whole.at(-2)! * (1 + 1e-6));
  });
}

test('cg continues from the users’ rows too, not only from the items’', async (t) => {
  const ratings = ratingsFromRows(old);
  // What depends on the number of the iteration is off.
  const plain = { balance: false, overrelaxation: false };
  const options = { ...settings, ...plain, alpha: 2, cgSteps: 1 };
  const whole = await lossesOf(ratings, { ...options, iterations: 4 });

  const half = await modelOf(ratings, { ...options, iterations: 2 });
  const rest = await lossesOf(ratings, { ...options, iterations: 2, initialModel: half });

  for (const [i, loss] of rest.entries()) t.true(Math.abs(loss / whole[i + 2]! - 1) < 1e-6);
});

test('known rows start from the model, new and zero ones at random', (t) => {
  const options = settingsAsInPaper({ rank: 2, seed: 3 });
  const rows: RatingRow[] = [
    { user: 'z', item: 20 },
    { user: 'b', item: 40 },
    { user: 'c', item: 50 },
  ];
  const ratings = ratingsFromRows(rows);
  const model = smallModel();

  const { userFactors, itemFactors, userBiases } = startFrom(model, ratings, options);

  const random = startFrom(
    smallModel({ userIds: [1, 2, 3], itemIds: [1, 2, 3, 4] }),
    ratings,
    options,
  );
  // b is 0 1 and 20 is 3 1 in the model; c and 40 are zero there, z and 50 unknown.
  t.deepEqual([...userFactors.subarray(2, 4)], [0, 1]);
  t.deepEqual([...itemFactors.subarray(0, 2)], [3, 1]);
  for (const at of [0, 1, 4, 5]) t.is(userFactors[at], random.userFactors[at]);
  for (const at of [2, 3, 4, 5]) t.is(itemFactors[at], random.itemFactors[at]);
  t.true(random.userFactors.every((element) => element !== 0 && Math.abs(element) < 0.13));
  t.is(userBiases, undefined);
});

test('biases are part of the start', (t) => {
  const options = { rank: 3, feedback: 'explicit', iterations: 2 } as const;
  const ratings = ratingsFromRows([...old, { user: 'new', item: 7 }]);
  const model = trainedModel(ratingsFromRows(old), options);

  const start = startFrom(model, ratings, settingsAsInPaper(options));

  t.deepEqual(start.itemBiases, model.itemBiases);
  t.deepEqual(start.userBiases, Float32Array.of(...model.userBiases!, 0));
});

test('new users and items are learnt, and the settings of a model are options', async (t) => {
  const model = await modelOf(ratingsFromRows(old), { ...settings, feedback: 'explicit' });
  const news = [
    { user: 'new reader', item: 'new book', rating: 5 },
    { user: 'new reader', item: 7, rating: 4 },
  ];

  const next = await modelOf(ratingsFromRows([...old, ...news]), {
    ...model.settings,
    initialModel: model,
    iterations: 2,
  });

  t.is(next.userIds.length, 41);
  t.true(next.userFactors.subarray(40 * 5).some((element) => element !== 0));
  t.true(next.predict('new reader', 'new book') > 3);
});

test('a model that does not fit the options is an error before anything runs', (t) => {
  const model = smallModel();
  const explicit = trainedModel(ratingsFromRows(old), { rank: 2, feedback: 'explicit' });
  const refuses = (options: TrainingOptions, message: RegExp) =>
    t.throws(() => train({ rank: 2, ...options }), {
      instanceOf: InvalidOptionError,
      code: 'ERR_INVALID_OPTION',
      message,
    });

  refuses(
    { initialModel: model, start: 'sketch' },
    /beside start: 'sketch'; expected one of the two/,
  );
  refuses({ initialModel: model, rank: 3 }, /rank 2; expected rank 3; try rank: 2/);
  refuses({ initialModel: explicit }, /with biases; expected one without/);
  refuses({ initialModel: model, feedback: 'explicit' }, /without biases; expected one with/);
  refuses({ initialModel: model, nonnegative: true }, /both signs/);
  refuses({ initialModel: {} as FactorModel }, /expected a FactorModel/);
  const initialFactors = { userFactors: model.userFactors, itemFactors: model.itemFactors };
  refuses({ initialModel: model, initialFactors }, /initialFactors/);
});

async function lossesOf(ratings: Ratings, options: TrainingOptions): Promise<number[]> {
  const run$ = of(ratings).pipe(train({ ...options, placement: inProcess() }), toArray());
  return (await lastValueFrom(run$)).flatMap((event) =>
    event.type === 'iteration' ? event.loss.total : [],
  );
}

async function modelOf(ratings: Ratings, options: TrainingOptions): Promise<FactorModel> {
  const last = await lastValueFrom(of(ratings).pipe(train({ ...options, placement: inProcess() })));
  if (last.type !== 'finished') throw new Error(`the last event is ${last.type}`);
  return last.model;
}
