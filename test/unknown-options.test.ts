import test from 'ava';
import {
  collect,
  crossValidate,
  evaluate,
  evaluateRanking,
  events,
  exportModel,
  firstValueFrom,
  fromFile,
  fromRatings,
  fromSql,
  gridSearch,
  holdout,
  InvalidOptionError,
  nodes,
  type Observable,
  randomSearch,
  ratingErrors,
  recommendAll,
  splitForModel,
  startWorker,
  synthetic,
  train,
  trainModel,
  untilNoImprovement,
  watch,
} from 'seesaw';

const rows = [1, 2, 3].flatMap((user) => [1, 2, 3].map((item) => ({ user, item })));
const ratings$ = fromRatings(rows);
const split = await firstValueFrom(ratings$.pipe(holdout({ fraction: 0.5, seed: 1 })));
const model = await trainModel(ratings$, { rank: 2, iterations: 1, kernel: 'reference' });

/**
 * What takes options, called with an object that may be wrong: no type says what is in it, as in plain
 * JavaScript. The names in quotes are what messages say.
 */
// biome-ignore lint/suspicious/noExplicitAny: plain JavaScript passes anything.
const takers: Readonly<Record<string, (options: any) => unknown>> = {
  fromFile: (options) => first(fromFile('nothing.csv', options)),
  fromSql: (options) => first(fromSql('SELECT 1', options)),
  'fromRatings of rows': (options) => first(fromRatings(rows, options)),
  'fromRatings of columns': (options) => first(fromRatings({ users: [], items: [], ...options })),
  synthetic: (options) => first(synthetic(options)),
  collect,
  'collect every': (every) => collect({ every }),
  'collect halfLife': (halfLife) => collect({ halfLife }),
  holdout,
  crossValidate: (options) => crossValidate(3, options),
  train,
  'train checkpoint': (checkpoint) => train({ checkpoint }),
  'train gpu': (gpu) => train({ gpu }),
  trainModel: (options) => trainModel(ratings$, options),
  events: (options) => events(ratings$, options),
  untilNoImprovement,
  watch,
  nodes,
  'nodes tls': (tls) => nodes({ servers: 'nats://127.0.0.1:1', tls }),
  startWorker,
  'startWorker gpu': (gpu) => startWorker({ servers: 'nats://127.0.0.1:1', gpu }),
  evaluate,
  evaluateRanking: (options) => evaluateRanking(model, split, options),
  ratingErrors: (options) => ratingErrors(model, split.test, options),
  gridSearch,
  'gridSearch options': (options) => gridSearch({ options, metric: 'rmse' }),
  'gridSearch evaluate': (evaluate) =>
    gridSearch({ options: { rank: 2 }, metric: 'rmse', evaluate }),
  randomSearch,
  recommendAll,
  'model.recommend': (options) => model.recommend(1, options),
  'model.recommendAll': (options) => [...model.recommendAll(options)],
  'model.recommendAllOnGpu': (options) => model.recommendAllOnGpu(options).next(),
  'model.similarItems': (options) => model.similarItems(1, options),
  'model.similarUsers': (options) => model.similarUsers(1, options),
  'model.foldInUser': (options) => model.foldInUser([{ item: 1 }], options),
  'model.foldInItem': (options) => model.foldInItem([{ user: 1 }], options),
  'model.foldInUsers': (options) => model.foldInUsers(rows, options),
  'model.foldInItems': (options) => model.foldInItems(rows, options),
  'model.partialFit': (options) => model.partialFit(rows, options),
  'model.explain': (options) => model.explain(1, 1, options),
};

function first(source: Observable<unknown>): Promise<unknown> {
  return firstValueFrom(source);
}

/** What it throws or rejects with, at once or later. */
async function refusalOf(take: (options: unknown) => unknown, options: unknown): Promise<unknown> {
  try {
    await take(options);
  } catch (error) {
    return error;
  }
  return undefined;
}

for (const [name, take] of Object.entries(takers)) {
  test(`${name} refuses every misspelt option and tells the right name`, async (t) => {
    const strange = await refusalOf(take, { xxxxxxxxxxxxxx: 1 });
    t.true(strange instanceof InvalidOptionError, String(strange));
    const { message, option } = strange as InvalidOptionError;
    t.regex(option, /(^|\.)xxxxxxxxxxxxxx$/);
    const names = / expected one of ([\w, ]+)$/.exec(message)?.[1]?.split(', ') ?? [];
    t.not(names.length, 0, message);

    for (const known of names) {
      const misspelt = `${known.slice(0, -1)}_${known.slice(-1)}`;
      const error = await refusalOf(take, { [misspelt]: 1 });
      t.true(error instanceof InvalidOptionError, String(error));
      t.true((error as Error).message.endsWith(`; try ${known}`), (error as Error).message);
    }
  });

  test(`${name} refuses a number in the place of options`, async (t) => {
    t.true((await refusalOf(take, 5)) instanceof InvalidOptionError);
  });
}

/** What has other arguments than options, called with wrong ones. */
const wrongArguments: Readonly<Record<string, readonly [option: string, () => unknown]>> = {
  'evaluateRanking of what recommends nothing': [
    'recommender',
    () => evaluateRanking({} as never, split),
  ],
  'evaluateRanking on ratings': ['split', () => evaluateRanking(model, split.train as never)],
  'ratingErrors of what predicts nothing': ['model', () => ratingErrors({} as never, split.test)],
  'ratingErrors on a split': ['test', () => ratingErrors(model, split as never)],
  'splitForModel of a path': ['model', () => splitForModel('model' as never, split.test)],
  'splitForModel of rows': ['ratings', () => splitForModel(model, rows as never)],
  'exportModel of a path': ['model', () => exportModel('model' as never, 'csv', { to: 'csv' })],
  'nodes of a port': ['servers', () => nodes({ servers: 4222 as never })],
  'a search of trials that are no pipelines': [
    'trial',
    () => gridSearch({ options: { rank: 2 }, metric: 'rmse', trial: (() => 3) as never }),
  ],
};

for (const [name, [option, take]] of Object.entries(wrongArguments)) {
  test(`${name} is refused`, async (t) => {
    const error = await refusalOf(take, undefined);
    t.true(error instanceof InvalidOptionError, String(error));
    t.is((error as InvalidOptionError).option, option);
  });
}
