import test from 'ava';
import { concat, EMPTY, firstValueFrom, NEVER, of, throwError } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { synthetic } from '../../../dataflow/sources/synthetic.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { trainModel } from '../../../dataflow/training/train-model.js';
import { InvalidOptionError, TooFewRatingsError } from '../../../src/errors.js';
import { activeResources, untilQuiet } from '../../helpers/probes/resources.js';

const source = synthetic({ users: 30, items: 20, density: 0.2, seed: 1 });
const options = { rank: 4, iterations: 2, placement: inProcess() };

test('it gives the model of the first ratings, trained on what is not withheld', async (t) => {
  const model = await trainModel(source, options);
  const split = await trainModel(concat(source.pipe(holdout()), NEVER), options);

  t.is(model.rank, 4);
  const [all, fewer] = [model, split].map(({ seen }) => seen.items.length);
  t.true(fewer! < all!);
});

test('wrong options, no source and a source without ratings reject', async (t) => {
  const wrong = { instanceOf: InvalidOptionError };
  await t.throwsAsync(trainModel(source, { ...options, rnk: 3 } as never), {
    ...wrong,
    message: /option rnk of trainModel; .*try rank$/,
  });
  await t.throwsAsync(trainModel(source, { ...options, rank: 0 }), wrong);
  await t.throwsAsync(trainModel(source, null as never), wrong);
  await t.throwsAsync(trainModel([] as never, options), { ...wrong, message: /fromRatings/ });
  await t.throwsAsync(trainModel(EMPTY, options), { ...wrong, message: /no ratings in source/ });
});

test('errors of the source and of the training reject', async (t) => {
  const failing = throwError(() => new TooFewRatingsError(1, 1, 1));

  await t.throwsAsync(trainModel(failing, options), { instanceOf: TooFewRatingsError });
  const rows = of([{ user: 1, item: 2 }]) as never;
  await t.throwsAsync(trainModel(rows, options), { message: /try fromRatings\(rows\)/ });
});

test('an abort rejects with its reason and leaves no thread', async (t) => {
  const before = activeResources();
  const abort = new AbortController();
  const ratings = await firstValueFrom(source);
  const training = trainModel(of(ratings), {
    ...options,
    iterations: 1_000_000,
    placement: threads(1),
    signal: abort.signal,
  });

  setImmediate(() => abort.abort(new Error('enough')));

  await t.throwsAsync(training, { message: 'enough' });
  t.deepEqual(await untilQuiet(before), before);
});

test('an aborted signal rejects before the source is subscribed to', async (t) => {
  const signal = AbortSignal.abort(new Error('never'));
  const unread = throwError(() => new Error('was read'));

  await t.throwsAsync(trainModel(unread, { ...options, signal }), { message: 'never' });
});
