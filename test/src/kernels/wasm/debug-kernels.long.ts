import test from 'ava';
import fc from 'fast-check';
import { fastestBuild } from '../../../../src/kernels/wasm/wasm-binary.js';
import { wasmKernel } from '../../../../src/kernels/wasm/wasm-kernel.js';
import { anyFilter, anyShape } from '../../../helpers/builders/any-model.js';
import { heavyTailedRatings } from '../../../helpers/builders/heavy-tailed-ratings.js';
import { randomRatings, withhold } from '../../../helpers/builders/jobs.js';
import { listsOneByOne, randomModel, trainedModel } from '../../../helpers/builders/models.js';
import { solvers } from '../../../helpers/builders/solvers.js';
import {
  listsWatched,
  trainWatched,
  useDebugKernels,
} from '../../../helpers/probes/debug-kernels.js';

useDebugKernels();

for (const [name, options] of Object.entries(solvers)) {
  test.serial(`no store of ${name} leaves its place at any rank from 1 to 130`, (t) => {
    for (let rank = 1; rank <= 130; rank++) {
      const heavy = heavyTailedRatings({ communities: 2, users: 9, items: 40, seed: rank });
      trainWatched(t, heavy, { ...options, rank, iterations: 1, blocks: 2 });
      const even = randomRatings({ users: 31, items: 17, density: 0.4, seed: rank });
      const heldOut = withhold(even, [[30, 16, 1]]);
      trainWatched(t, even, { ...options, rank, iterations: 2, blocks: 5 }, heldOut);
    }
    t.pass();
  });
}

test.serial('no store of ranking leaves its place, whatever the shape and the filter', (t) => {
  fc.assert(
    fc.property(anyShape(), anyFilter, (shape, options) => {
      const model = randomModel(shape);

      t.deepEqual(listsWatched(t, model, options), listsOneByOne(model, options));
    }),
    { seed: 3, numRuns: 1500 },
  );
});

test.serial('lists of heavy-tailed data are those of one by one at every rank to 130', (t) => {
  for (let rank = 1; rank <= 130; rank++) {
    const ratings = heavyTailedRatings({ communities: 5, users: 9, items: 90, seed: rank });
    const options = { rank, iterations: 1 + (rank % 5), alpha: 5, regularization: 1 };
    const model = trainedModel(ratings, options, wasmKernel(fastestBuild()));
    for (const count of [1, 2, 10]) {
      const message = `rank ${rank}, count ${count}`;
      t.deepEqual(listsWatched(t, model, { count }), listsOneByOne(model, { count }), message);
    }
  }
});
