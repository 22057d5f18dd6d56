import test from 'ava';
import { concat, firstValueFrom, of, tap, toArray } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { saveModel } from '../../../dataflow/save-model.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { train } from '../../../dataflow/training/train.js';
import { trainModel } from '../../../dataflow/training/train-model.js';
import { untilNoImprovement } from '../../../dataflow/training/until-no-improvement.js';
import { InvalidOptionError, UnknownIdError } from '../../../src/errors.js';
import { loadModel } from '../../../src/model/store/load-model.js';
import { ratingsFromRows } from '../../../src/ratings/from-rows.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { eventsOf, finishedOf } from '../../helpers/probes/events.js';

const ratings = ratingsFromRows(
  ['ann', 'bob', 'eve', 'joe'].flatMap((user, at) =>
    ['tea', 'jam', 'bun', 'pie', 'nut'].map((item, i) => ({ user, item, rating: 1 + at + i })),
  ),
);
const options = { rank: 2, iterations: 3, placement: inProcess() };
const titles = new Map([
  ['tea', 'Green tea'],
  ['jam', 'Plum jam'],
  ['ham', 'of no rating'],
]);
const kept = { jam: 'Plum jam', tea: 'Green tea' };
const byId = (found: ReadonlyMap<unknown, string>) => Object.fromEntries([...found].sort());

test('every model of a run has the titles of its items, and is saved with them', async (t) => {
  const path = await scratchFolder(t);

  const early: object[] = [];
  const events$ = of(ratings).pipe(
    train({ ...options, titles }),
    tap((event) => {
      if (event.type === 'iteration') early.push(byId(event.model().titles));
    }),
    saveModel(path),
  );

  const events = await eventsOf(events$);

  t.deepEqual(early, [kept, kept, kept]);
  t.deepEqual(byId(finishedOf(events).model.titles), kept);
  t.deepEqual(byId((await loadModel(path)).titles), kept);
});

test('titles from a generator serve every run', async (t) => {
  function* generated() {
    yield* titles;
  }
  const twice = concat(of(ratings), of(ratings)).pipe(
    train({ ...options, titles: generated() }),
    toArray(),
  );

  for (const events of [await firstValueFrom(twice), await firstValueFrom(twice)]) {
    const models = events.flatMap((event) => (event.type === 'finished' ? [event.model] : []));
    t.deepEqual(
      models.map((model) => byId(model.titles)),
      [kept, kept],
    );
  }
});

test('a run that is resumed ends with titles, also of a model that a checkpoint kept', async (t) => {
  const path = await scratchFolder(t);
  const overfitting = { rank: 16, alpha: 1, iterations: 1000, placement: inProcess() };
  const run = () =>
    eventsOf(
      of(randomRatings({ users: 60, items: 50, density: 0.2 })).pipe(
        holdout({ seed: 3 }),
        train({ ...overfitting, titles: [[7, 'seven']], checkpoint: { path }, resume: true }),
        untilNoImprovement({ metric: 'preferenceRmse', patience: 3 }),
      ),
    );

  const begun = finishedOf(await run());
  const resumed = await run();

  const started = resumed.find(({ type }) => type === 'started');
  const from = started?.type === 'started' ? started.resumed!.iteration : 0;
  t.true(from > begun.iterations, 'the best model comes from the checkpoint');
  t.is(finishedOf(resumed).iterations, begun.iterations);
  t.deepEqual(byId(begun.model.titles), { 7: 'seven' });
  t.deepEqual(byId(finishedOf(resumed).model.titles), { 7: 'seven' });
});

test('training that goes on from a model keeps its titles, unless others are given', async (t) => {
  const source = of(ratings);
  const initialModel = await trainModel(source, { ...options, titles });

  const same = await trainModel(source, { ...options, initialModel });
  const others = await trainModel(source, { ...options, initialModel, titles: [['bun', 'Bun']] });

  t.deepEqual(byId(same.titles), kept);
  t.deepEqual(byId(others.titles), { bun: 'Bun' });
});

test('wrong titles fail before anything is read, ids of another type when they are', async (t) => {
  t.throws(() => train({ titles: { tea: 'Green tea' } as never }), {
    instanceOf: InvalidOptionError,
    message: /titles .* a Map/,
  });
  t.throws(() => train({ titles: [['tea', 7]] as never }), { instanceOf: InvalidOptionError });
  const numbered = of(ratingsFromRows([1, 2, 3].map((n) => ({ user: n, item: n }))));
  await t.throwsAsync(trainModel(numbered, { ...options, titles: [['1', 'one']] }), {
    instanceOf: UnknownIdError,
  });
});
