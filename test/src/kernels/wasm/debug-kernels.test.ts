import test from 'ava';
import fc from 'fast-check';
import { KernelFaultError } from '../../../../src/errors.js';
import { openRanker } from '../../../../src/kernels/wasm/ranking.js';
import { fastestBuild } from '../../../../src/kernels/wasm/wasm-binary.js';
import { wasmKernel } from '../../../../src/kernels/wasm/wasm-kernel.js';
import { anyFilter, anyShape } from '../../../helpers/builders/any-model.js';
import { heavyTailedRatings } from '../../../helpers/builders/heavy-tailed-ratings.js';
import { randomRatings, withhold } from '../../../helpers/builders/jobs.js';
import {
  listsOneByOne,
  modelOf,
  randomModel,
  trainedModel,
} from '../../../helpers/builders/models.js';
import { solvers } from '../../../helpers/builders/solvers.js';
import {
  listsWatched,
  trainWatched,
  useDebugKernels,
} from '../../../helpers/probes/debug-kernels.js';

useDebugKernels();

for (const [name, options] of Object.entries(solvers)) {
  test(`no store of ${name} leaves its place`, (t) => {
    for (const rank of [1, 2, 3, 4, 5, 8, 13, 31, 33, 64, 130]) {
      const ratings = randomRatings({ users: 37, items: 23, density: 0.3, seed: rank });
      const heldOut = withhold(ratings, [
        [0, 1, 2],
        [36, 22, 1],
      ]);
      trainWatched(t, ratings, { ...options, rank, iterations: 2, blocks: 3 }, heldOut);
    }
    t.pass();
  });
}

for (const [name, options] of Object.entries(solvers)) {
  if (options.solver === 'cg') continue;
  test(`no store of ${name} leaves its place where rows take float64`, (t) => {
    const ratings = randomRatings({ users: 11, items: 9, density: 0.3 });
    const weights = options.feedback === 'explicit' ? {} : { alpha: 1e9, unobservedWeight: 0 };
    for (const rank of [3, 8, 33]) {
      const extreme = { ...weights, rank, iterations: 2, blocks: 2, regularization: 1e-3 };
      trainWatched(t, ratings, { ...options, ...extreme });
    }
    t.pass();
  });
}

test('no store of ranking leaves its place, and lists are those of one by one', (t) => {
  fc.assert(
    fc.property(anyShape(), anyFilter, (shape, options) => {
      const model = randomModel(shape);

      t.deepEqual(listsWatched(t, model, options), listsOneByOne(model, options));
    }),
    { seed: 2, numRuns: 60 },
  );
});

test('no store of ranking leaves its place with heavy-tailed data and the shortest lists', (t) => {
  const ratings = heavyTailedRatings({ communities: 3, users: 6, items: 80 });
  for (const rank of [1, 2, 3, 5, 8, 24, 32, 40, 48, 68, 116]) {
    const options = { rank, iterations: 1 + (rank % 3), alpha: 5, regularization: 1, blocks: 1 };
    const model = trainedModel(ratings, options, wasmKernel(fastestBuild()));
    for (const count of [1, 2, 5]) {
      t.deepEqual(listsWatched(t, model, { count }), listsOneByOne(model, { count }));
    }
  }
});

test('no store of ranking leaves its place with rows that are zero or not numbers', (t) => {
  for (const value of [0, Number.NaN, Number.POSITIVE_INFINITY, 3e38, 1e-45]) {
    const rows = (count: number) =>
      Float32Array.from({ length: count * 5 }, (_, at) => (at % 3 === 0 ? value : at % 7));
    const model = modelOf(5, rows(9), rows(70));
    t.deepEqual(listsWatched(t, model, { count: 3 }), listsOneByOne(model, { count: 3 }));
  }
});

test('a store beyond its bounds stops a debug kernel, which says where', (t) => {
  const { layout, load } = randomModel({ rank: 4, users: 5, items: 60 }).prepareRanking(
    { count: 20 },
    { slots: 1, windows: 1 },
  );

  t.throws(() => openRanker({ ...layout, capacity: 16 }).run(load(0, 0), 0), {
    instanceOf: KernelFaultError,
    message: /assertion failed: no room for more than the list .*ranking-task\.ts:\d+/,
  });
});
