import test from 'ava';
import { readRatings } from '../../../src/io/read-ratings.js';
import { kernelNamed } from '../../../src/kernels/select/choose-kernel.js';
import { kernelsHere } from '../../../src/kernels/select/select-kernel.js';
import { syntheticRatings } from '../../../src/ratings/synthetic-ratings.js';
import type { JobOptions } from '../../../src/training/options.js';
import { runInPlace } from '../../../src/training/run-in-place.js';
import { openJob, ratingsOf } from '../../helpers/builders/jobs.js';

const movies = await readRatings({ files: ['examples/data/movielens-small/ratings.csv'] });
const many = syntheticRatings({ users: 20_000, items: 300, count: 100_000 });

const plain = { feedback: 'explicit', biases: false, globalMean: false } as const;
const settings: readonly (readonly [what: string, options: JobOptions])[] = [
  ['the defaults', { alpha: 40 }],
  ['exact solves', { alpha: 40, solver: 'cholesky' }],
  ['subspaces', { alpha: 40, solver: 'subspace', subspaceSize: 8 }],
  ['nonnegative factors', { nonnegative: true, solver: 'cholesky', rank: 4 }],
  ['observed cells alone', { unobservedWeight: 0, regularization: 0.1 }],
  ['the objective of iALS', { objective: 'ials', unobservedWeight: 0.1, alpha: 0 }],
  ['explicit feedback', { feedback: 'explicit', regularization: 0.1 }],
  ...[0, 1e-6, 1e-3, 100].map(
    (regularization) =>
      [
        `explicit feedback without biases, λ ${regularization}`,
        { ...plain, regularization },
      ] as const,
  ),
];

for (const name of kernelsHere().filter((kernel) => kernel !== 'reference')) {
  for (const [data, ratings] of Object.entries({ MovieLens: movies, 'many rows': many })) {
    test(`${name}: the check never fires on ${data}`, (t) => {
      for (const [what, options] of settings) {
        const { job, solver } = openJob(kernelNamed(name), ratings, {
          rank: 8,
          iterations: 4,
          ...options,
        });
        t.notThrows(() => runInPlace(job, solver), what);
        job.release();
      }
    });
  }
}

for (const name of kernelsHere()) {
  test(`${name}: ratings that are all the mean leave factors of nothing`, (t) => {
    const cells = Array.from({ length: 88 }, (_, at) => [at % 8, Math.floor(at / 8), 3] as const);
    const equal = ratingsOf(cells, 8, 11);
    for (const solver of ['cg', 'cholesky', 'subspace'] as const) {
      const options = {
        ...plain,
        globalMean: true,
        rank: 4,
        regularization: 1e-4,
        regularizationExponent: 1,
        seed: 2000,
        overrelaxation: false,
        subspaceSize: 8,
        solver,
      };
      const { job, solver: block } = openJob(kernelNamed(name), equal, {
        ...options,
        iterations: 6,
        initialScale: 0.1,
      });

      const reports = runInPlace(job, block);

      t.true(Math.abs(reports.at(-1)!.loss.total) < 1e-20, solver);
      job.release();
    }
  });
}

test('reference: the check never fires on MovieLens', (t) => {
  for (const [what, options] of settings.filter(([, { solver }]) => solver === undefined)) {
    const { job, solver } = openJob(kernelNamed('reference'), movies, {
      ...options,
      rank: 4,
      iterations: 3,
    });
    t.notThrows(() => runInPlace(job, solver), what);
    job.release();
  }
});
