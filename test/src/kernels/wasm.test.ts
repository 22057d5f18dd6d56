import test from 'ava';
import { Arena } from '../../../src/arena.js';
import { KernelUnavailableError } from '../../../src/errors.js';
import { chooseKernel, kernelNamed } from '../../../src/kernels/choose-kernel.js';
import type { Solver } from '../../../src/kernels/kernel.js';
import { openScorer, type WalkLimits, wasmKernel } from '../../../src/kernels/wasm.js';
import { fastestBuild, isSupported } from '../../../src/kernels/wasm-binary.js';
import { randomAt } from '../../../src/random.js';
import { runInPlace } from '../../../src/training/run-in-place.js';
import { factorsOf, openJob, randomRatings } from '../../helpers/jobs.js';
import { kernelSuite } from '../../helpers/kernel-suite.js';

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
  t.is(chooseKernel('reference').name, 'reference');
});

test('a kernel is found by its name', (t) => {
  for (const name of ['reference', 'wasm-simd128', 'wasm-relaxed-simd'] as const) {
    t.is(kernelNamed(name).name, name);
  }
});

test('the gpu kernel is refused until there is one', (t) => {
  t.throws(() => chooseKernel('gpu'), {
    instanceOf: KernelUnavailableError,
    code: 'ERR_KERNEL_UNAVAILABLE',
  });
});

test('scores are the dot products of every vector with every row', (t) => {
  for (const [vectorCount, rowCount, stride] of [
    [1, 1, 4],
    [2, 4, 8],
    [3, 7, 12],
    [8, 30, 64],
  ] as const) {
    const arena = new Arena();
    const vectors = arena.float32(vectorCount * stride);
    const rows = arena.float32(rowCount * stride);
    const out = arena.float32(vectorCount * rowCount + 1);
    for (let i = 0; i < vectors.length; i++) vectors[i] = randomAt(1, 0, i);
    for (let i = 0; i < rows.length; i++) rows[i] = randomAt(1, 1, i);

    openScorer(arena.memory)({
      vectors: vectors.byteOffset,
      vectorCount,
      rows: rows.byteOffset,
      rowCount,
      stride,
      out: out.byteOffset,
    });

    for (let v = 0; v < vectorCount; v++) {
      for (let row = 0; row < rowCount; row++) {
        let expected = 0;
        for (let i = 0; i < stride; i++)
          expected += vectors[v * stride + i]! * rows[row * stride + i]!;
        t.true(Math.abs(out[v * rowCount + row]! - expected) < 1e-5 * expected);
      }
    }
    t.is(out[vectorCount * rowCount], 0, 'nothing is written past the end');
  }
});
