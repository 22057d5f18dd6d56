import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { concat, lastValueFrom, NEVER, of, toArray } from 'rxjs';
import { inProcess } from '../../actors/placements/in-process.js';
import { evaluate } from '../../dataflow/evaluate.js';
import { saveModel } from '../../dataflow/save-model.js';
import { holdout } from '../../dataflow/splits/holdout.js';
import { train } from '../../dataflow/training/train.js';
import { InvalidOptionError, ModelFileError } from '../../src/errors.js';
import { loadModel } from '../../src/model/store/load-model.js';
import { randomRatings } from '../helpers/builders/jobs.js';
import { smallModel } from '../helpers/builders/models.js';
import { scratchFolder } from '../helpers/builders/scratch-folder.js';
import { otherEvents } from '../helpers/suites/other-events.js';

const finished = { type: 'finished', model: smallModel() } as const;
const iteration = { type: 'iteration' } as const;

test(otherEvents, saveModel(join(tmpdir(), 'seesaw-never-saved')), 'passes');

test('saved comes before finished, and what it names is the model', async (t) => {
  const path = join(await scratchFolder(t), 'new', 'model');

  const events = await lastValueFrom(
    of(randomRatings({ users: 30, items: 20, density: 0.3 })).pipe(
      holdout(),
      train({ rank: 4, iterations: 2, placement: inProcess() }),
      evaluate({ k: 5 }),
      saveModel(path),
      toArray(),
    ),
  );

  t.deepEqual(
    events.slice(-3).map(({ type }) => type),
    ['evaluation', 'saved', 'finished'],
  );
  const saved = events.find((event) => event.type === 'saved');
  const last = events.at(-1);
  if (last?.type !== 'finished') return t.fail();
  t.is(saved?.path, path);
  const dataFiles = readdirSync(path).filter((name) => name.endsWith('.arrow'));
  t.is(
    saved?.bytes,
    dataFiles.reduce((sum, name) => sum + statSync(join(path, name)).size, 0),
  );
  t.deepEqual((await loadModel(path)).userFactors, last.model.userFactors);
});

test('each of many models replaces the one before', async (t) => {
  const path = join(await scratchFolder(t), 'model');
  const other = { type: 'finished', model: smallModel({ userIds: ['x', 'y', 'z'] }) } as const;

  const events = await lastValueFrom(of(finished, other).pipe(saveModel(path), toArray()));

  t.deepEqual(
    events.map(({ type }) => type),
    ['saved', 'finished', 'saved', 'finished'],
  );
  t.deepEqual((await loadModel(path)).userIds, ['x', 'y', 'z']);
});

test('a directory of something else ends the run before it is done', async (t) => {
  const path = await scratchFolder(t);
  writeFileSync(join(path, 'diary.txt'), 'private');

  await t.throwsAsync(lastValueFrom(NEVER.pipe(saveModel(path))), {
    instanceOf: ModelFileError,
    code: 'ERR_MODEL_TARGET',
  });
  t.deepEqual(readdirSync(path), ['diary.txt']);
});

test('a model that cannot be written is an error instead of finished', async (t) => {
  const path = join(await scratchFolder(t), 'model');
  const emitted: unknown[] = [];
  const blocked$ = concat(of(iteration), of(finished));
  writeFileSync(path, 'in the way');

  await t.throwsAsync(
    blocked$.pipe(saveModel(path)).forEach((event) => {
      emitted.push(event);
    }),
    { instanceOf: ModelFileError },
  );

  t.deepEqual(emitted, [iteration]);
});

test('finished without a model is an error', async (t) => {
  const path = join(await scratchFolder(t), 'model');
  const finished$ = of({ type: 'finished', model: undefined } as const);

  await t.throwsAsync(lastValueFrom(finished$.pipe(saveModel(path))), {
    instanceOf: InvalidOptionError,
  });
});

test('a path that is no name is refused at once', (t) => {
  t.throws(() => saveModel(''), { instanceOf: InvalidOptionError });
  t.throws(() => saveModel(7 as never), { instanceOf: InvalidOptionError });
});
