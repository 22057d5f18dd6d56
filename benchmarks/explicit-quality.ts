/**
 * How near do predicted ratings come, with settings of others and with settings that a search on the
 * training ratings alone finds?
 *
 *     node build/benchmarks/explicit-quality.js --quick
 *     node build/benchmarks/explicit-quality.js --data ../shared/data --sets ml-100k --json
 *
 * MovieLens 100K and 1M may not be redistributed: a set that is not in the data folder is left out.
 */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { concatMap, from, lastValueFrom, type Observable, of, take, toArray } from 'rxjs';
import {
  crossValidate,
  fromFile,
  gridSearch,
  holdout,
  type JobOptions,
  type RatingsSplit,
  ratingErrors,
  train,
  withTest,
} from 'seesaw';
import { describeMachine, machineLine } from './lib/machine.js';
import { markdownTable } from './lib/markdown.js';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    sets: { type: 'string', default: 'ml-100k,ml-1m' },
    parts: { type: 'string', default: 'settings,search' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** Published ratings, and what others report for them. */
interface PublishedSet {
  readonly name: string;
  /** How settings are compared with the figure of others. */
  readonly split: string;
  splits(file: string): Observable<RatingsSplit>;
  readonly settings: readonly (JobOptions & { readonly figure: number })[];
  /** As SVD's and SVD++'s published figures were made: five folds, every rating withheld once. */
  folds(file: string): Observable<RatingsSplit>;
  readonly svd: number;
  readonly svdPlusPlus: number;
}

/** ALS-WR, Zhou et al. 2008, every solve exact. */
const base = { feedback: 'explicit', regularizationExponent: 1, solver: 'cholesky' } as const;
const clip = [1, 5] as const;

const officialFolds = (file: string) =>
  from([1, 2, 3, 4, 5]).pipe(
    concatMap((fold) =>
      fromFile(file, { where: `fold <> ${fold}` }).pipe(
        withTest(fromFile(file, { where: `fold = ${fold}` })),
      ),
    ),
  );

const sets: readonly PublishedSet[] = [
  {
    name: 'ml-100k',
    split: 'u1 … u5',
    splits: officialFolds,
    settings: [
      { rank: 10, regularization: 0.1, iterations: 15, biases: false, figure: 0.9412 },
      { rank: 10, regularization: 0.1, iterations: 15, figure: 0.9225 },
    ],
    folds: officialFolds,
    svd: 0.934,
    svdPlusPlus: 0.919,
  },
  {
    name: 'ml-1m',
    split: 'random 90/10',
    splits: (file) => fromFile(file).pipe(crossValidate(10, { seed: 1 }), take(1)),
    settings: [
      { rank: 10, regularization: 0.05, iterations: 15, biases: false, figure: 0.8576 },
      { rank: 10, regularization: 0.05, iterations: 15, figure: 0.854 },
      { rank: 20, regularization: 0.05, iterations: 15, figure: 0.8542 },
      { rank: 50, regularization: 0.05, iterations: 15, figure: 0.8582 },
    ],
    folds: (file) => fromFile(file).pipe(crossValidate(5, { seed: 1 })),
    svd: 0.873,
    svdPlusPlus: 0.862,
  },
];

/** What is tried on the training ratings of every fold. */
const grid = {
  rank: flags.quick ? [20] : [10, 30, 60],
  regularization: flags.quick ? [0.06, 0.1] : [0.05, 0.07, 0.09, 0.12],
  iterations: flags.quick ? [15] : [10, 20],
};

const settingRows: string[][] = [];
const searchRows: string[][] = [];
const machine = describeMachine();
for (const set of sets) {
  const file = resolve(flags.data, set.name, 'ratings.parquet');
  if (!flags.sets.split(',').includes(set.name)) continue;
  if (!existsSync(file)) {
    process.stderr.write(`${set.name} is left out: there is no ${file}\n`);
    continue;
  }
  if (flags.parts.includes('settings')) await compareSettings(set, file);
  if (flags.parts.includes('search')) await search(set, file);
}
if (!flags.json) {
  const settingHeads = ['ratings', 'split', 'setting', 'RMSE of others', 'RMSE', 'of each split'];
  const searchHeads = ['ratings', 'SVD', 'SVD++', 'RMSE', 'of each fold', 'settings found'];
  const tables = [
    ...(settingRows.length > 0 ? [markdownTable(settingHeads, settingRows)] : []),
    ...(searchRows.length > 0 ? [markdownTable(searchHeads, searchRows)] : []),
    machineLine(machine, [`Node ${process.versions.node}`]),
  ];
  process.stdout.write(`${tables.join('\n\n')}\n`);
}

async function compareSettings(set: PublishedSet, file: string): Promise<void> {
  for (const { figure, ...options } of set.settings) {
    const errors = await lastValueFrom(
      set.splits(file).pipe(
        concatMap((split) => errorOf(split, options)),
        toArray(),
      ),
    );
    const result = { set: set.name, split: set.split, options, figure, rmse: mean(errors), errors };
    if (flags.json) printJson({ part: 'settings', ...result });
    settingRows.push([
      ...[set.name, set.split, describe(options), figure.toFixed(4)],
      ...[mean(errors).toFixed(4), errors.map((error) => error.toFixed(4)).join(' ')],
    ]);
  }
}

/** Every fold has a search of its own, which never sees the ratings withheld in that fold. */
async function search(set: PublishedSet, file: string): Promise<void> {
  const found = await lastValueFrom(
    set.folds(file).pipe(
      concatMap(async (split, fold) => {
        const options = await bestOptions(split);
        const rmse = await errorOf(split, options);
        const { name } = set;
        process.stderr.write(`${name}, fold ${fold + 1}: ${describe(options)}: ${rmse}\n`);
        return { options, rmse };
      }),
      toArray(),
    ),
  );
  const errors = found.map(({ rmse }) => rmse);
  const options = found.map((fold) => fold.options);
  const { name, svd, svdPlusPlus } = set;
  const result = { set: name, svd, svdPlusPlus, rmse: mean(errors), errors, options };
  if (flags.json) printJson({ part: 'search', ...result });
  searchRows.push([
    ...[name, svd.toFixed(3), svdPlusPlus.toFixed(3), mean(errors).toFixed(4)],
    errors.map((error) => error.toFixed(4)).join(' '),
    [...new Set(options.map(describe))].join('; '),
  ]);
}

/** The settings that are best on a tenth of the training ratings, withheld from the rest. */
async function bestOptions({ train: ratings }: RatingsSplit) {
  const trial = gridSearch({
    options: { ...base, ...grid },
    metric: 'rmse',
    evaluate: { k: [], clip },
  });
  const last = await lastValueFrom(of(ratings).pipe(holdout({ fraction: 0.1, seed: 2 }), trial));
  if (last.type !== 'finished') throw new Error(`a search ended with ${last.type}`);
  const { rank, regularization, iterations } = last.best.options;
  return { rank, regularization, iterations };
}

async function errorOf(split: RatingsSplit, options: JobOptions): Promise<number> {
  const last = await lastValueFrom(of(split).pipe(train({ ...base, ...options })));
  if (last.type !== 'finished') throw new Error(`training ended with ${last.type}`);
  return ratingErrors(last.model, split.test, { clip }).rmse;
}

function describe({ rank, regularization, iterations, biases = true }: JobOptions): string {
  const rows = biases ? 'biases' : 'no biases';
  return `rank ${rank}, λ ${regularization}, ${iterations} iterations, ${rows}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function printJson(result: object): void {
  process.stdout.write(
    `${JSON.stringify({ benchmark: 'explicit-quality', ...result, machine })}\n`,
  );
}
