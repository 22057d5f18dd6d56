import test from 'ava';
import type { Solver } from '../../../../src/kernels/kernel-names.js';
import { chooseKernel, kernelNamed } from '../../../../src/kernels/select/choose-kernel.js';
import { fastestBuild, isSupported } from '../../../../src/kernels/wasm/wasm-binary.js';
import { type WalkLimits, wasmKernel } from '../../../../src/kernels/wasm/wasm-kernel.js';
import { runInPlace } from '../../../../src/training/run-in-place.js';
import { factorsOf, openJob, randomRatings } from '../../../helpers/builders/jobs.js';
import { kernelSuite } from '../../../helpers/suites/kernel-suite/kernel-suite.js';

/**
 * Float32 rounds at 6e-8 and two iterations carry that to about 1e-6; the worst case, conjugate
 * gradient one step before it converges, was measured at 8e-5. Exact solves and subspaces stay below
 * 7e-6 in both builds.
 */
const tolerance = 2e-4;

for (const build of ['simd128', 'relaxed-simd'] as const) {
  if (isSupported(build)) kernelSuite(wasmKernel(build), tolerance);
  else test.skip(`wasm-${build}: this version of Node has no ${build} instructions`, () => {});
}

test('batches and chunks of any size give the same bits', (t) => {
  const ratings = randomRatings({ users: 70, items: 90, density: 0.6 });
  const factorsWith = (name: Solver, limits?: WalkLimits) => {
    const options = { rank: 13, iterations: 2, blocks: 2, solver: name, subspaceSize: 8 } as const;
    const { job, solver } = openJob(wasmKernel(fastestBuild(), limits), ratings, options);
    const reports = runInPlace(job, solver);
    return { users: factorsOf(job, 'user', 2), items: factorsOf(job, 'item', 2), reports };
  };
  const whole = { cg: factorsWith('cg'), subspace: factorsWith('subspace') };

  for (const limits of [
    { chunkBytes: 64, batchBytes: 2 ** 20, batchEntries: 2 ** 20 },
    { chunkBytes: 1000, batchBytes: 2 ** 20, batchEntries: 2 ** 20 },
    { chunkBytes: 2 ** 20, batchBytes: 1, batchEntries: 2 ** 20 },
    { chunkBytes: 700, batchBytes: 400, batchEntries: 300 },
    { chunkBytes: 64, batchBytes: 2 ** 20, batchEntries: 1 },
  ]) {
    t.deepEqual(factorsWith('cg', limits), whole.cg);
    t.deepEqual(factorsWith('subspace', limits), whole.subspace);
  }
});

test('auto and wasm choose the fastest build that runs here', (t) => {
  t.is(chooseKernel('auto').name, `wasm-${fastestBuild()}`);
  t.is(chooseKernel('wasm').name, `wasm-${fastestBuild()}`);
  t.is(chooseKernel('wasm-simd128').name, 'wasm-simd128');
  t.is(chooseKernel('reference').name, 'reference');
});

test('a kernel is found by its name', (t) => {
  for (const name of ['reference', 'wasm-simd128', 'wasm-relaxed-simd'] as const) {
    t.is(kernelNamed(name).name, name);
  }
});
