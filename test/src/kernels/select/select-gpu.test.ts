import test from 'ava';
import { KernelUnavailableError } from '../../../../src/errors.js';
import type { KernelName } from '../../../../src/kernels/kernel-names.js';
import { type GpuWork, isWorthGpu } from '../../../../src/kernels/select/gpu-work.js';
import { type KernelRequest, selectKernel } from '../../../../src/kernels/select/select-kernel.js';
import { fastestBuild } from '../../../../src/kernels/wasm/wasm-binary.js';
import { testOnGpu } from '../../../helpers/builders/software-gpu.js';

/** The job of MovieLens 20M at rank 128. */
const large: GpuWork = {
  shape: {
    ...{ users: 138_493, items: 26_744, ratings: 20_000_263, heldOut: 0 },
    ...{ rank: 128, stride: 128, longestRow: 67_310 },
  },
  solver: 'cg',
  nonnegative: false,
  cgSteps: 3,
  iterations: 15,
};
/** That of MovieLens latest-small, which WASM solves in a second. */
const small: GpuWork = {
  ...large,
  shape: {
    ...{ users: 610, items: 9_724, ratings: 100_836, heldOut: 0 },
    ...{ rank: 64, stride: 64, longestRow: 2_698 },
  },
};

const withGpu: readonly KernelName[] = ['gpu-wgsl', 'wasm-simd128'];
const without: readonly KernelName[] = ['wasm-simd128', 'reference'];

test('a GPU is worth starting for minutes of WASM, and not for seconds', (t) => {
  t.true(isWorthGpu(large, 4));
  t.false(isWorthGpu(small, 4));
  t.false(isWorthGpu({ ...large, iterations: 1 }, 64));
});

const refuses = test.macro(async (t, request: Omit<KernelRequest, 'wanted'>, message: RegExp) => {
  const error = await t.throwsAsync(selectKernel({ wanted: 'gpu', ...request }), {
    instanceOf: KernelUnavailableError,
    code: 'ERR_KERNEL_UNAVAILABLE',
  });

  t.regex(error!.message, message);
});

test(
  "kernel 'gpu' is refused where a placement takes none",
  refuses,
  {},
  /found a placement that runs no GPU kernel; expected inProcess\(\), threads\(n\) or nodes/,
);
test(
  "kernel 'gpu' is refused for exact solves",
  refuses,
  { gpuWork: { ...large, solver: 'cholesky' } },
  /found solver 'cholesky'; expected 'cg' with kernel: 'gpu'/,
);
test(
  "kernel 'gpu' is refused for nonnegative rows",
  refuses,
  { gpuWork: { ...large, nonnegative: true } },
  /found nonnegative: true; expected false/,
);
test(
  "kernel 'gpu' is refused for weights that only WASM scales",
  refuses,
  { gpuWork: { ...large, extreme: 'found alpha·rating up to 4e9; expected at most 1e8' } },
  /found alpha·rating up to 4e9; expected at most 1e8 with kernel: 'gpu'; try kernel: 'wasm'/,
);
test(
  "kernel 'gpu' is refused where no worker has one",
  refuses,
  { gpuWork: large, places: [without, without] },
  /found no worker with kernel gpu-wgsl, but wasm-simd128 or reference; wasm-simd128 or reference/,
);

testOnGpu("kernel 'gpu' is refused with the numbers if the job is too large", async (t) => {
  const shape = { ...large.shape, rank: 100_000, stride: 100_000 };

  const error = await t.throwsAsync(
    selectKernel({
      wanted: 'gpu',
      gpu: { software: true },
      gpuWork: { ...large, shape },
    }),
    { instanceOf: KernelUnavailableError },
  );

  t.regex(error!.message, /does not take the job: found .*\d+.*; expected .*\d+/);
});

testOnGpu("kernel 'gpu' says on what it runs", async (t) => {
  for (const [program, name] of [
    ['wgsl', 'gpu-wgsl'],
    ['gpu.js', 'gpu-gpujs'],
  ] as const) {
    const gpu = { software: true, program };

    const { kernel, reason } = await selectKernel({ wanted: 'gpu', gpu, gpuWork: small });

    t.is(kernel.name, name);
    t.is(kernel.lanes, 4);
    t.regex(reason, /^asked for; on \S/);
  }
});

test('one worker with a GPU is enough for a job that asks for one', async (t) => {
  const { kernel, reason } = await selectKernel({
    wanted: 'gpu',
    gpuWork: large,
    places: [without, withGpu],
  });

  t.is(kernel.name, 'gpu-wgsl');
  t.is(reason, '1 of 2 workers have a GPU');
});

const chooses = test.macro(
  async (t, request: Omit<KernelRequest, 'wanted'>, name: KernelName, reason: string) => {
    const choice = await selectKernel({ wanted: 'auto', ...request });

    t.is(choice.kernel.name, name);
    t.is(choice.reason, reason);
  },
);

const wasm = `wasm-${fastestBuild()}` as const;
test(
  "kernel 'auto' takes no GPU for a small job",
  chooses,
  { gpuWork: small },
  wasm,
  'the fastest of this processor; too small for a GPU at 9.3 GFLOP',
);
test(
  "kernel 'auto' takes no GPU for exact solves",
  chooses,
  { gpuWork: { ...large, solver: 'cholesky' } },
  wasm,
  "the fastest of this processor; no GPU for it: found solver 'cholesky'; expected 'cg'",
);
test(
  "kernel 'auto' takes the GPUs if all workers have one",
  chooses,
  { gpuWork: large, places: [withGpu, withGpu] },
  'gpu-wgsl',
  'all workers have a GPU',
);
test(
  "kernel 'auto' takes what all workers run if some have no GPU",
  chooses,
  { gpuWork: large, places: [withGpu, without] },
  'wasm-simd128',
  'the fastest that all workers run; 1 of 2 workers have a GPU',
);
