import test from 'ava';
import { KernelUnavailableError } from '../../../../src/errors.js';
import { kernelsHere, selectKernel } from '../../../../src/kernels/select/select-kernel.js';
import { fastestBuild } from '../../../../src/kernels/wasm/wasm-binary.js';

test('without places it is the fastest kernel of this processor', async (t) => {
  const { kernel, reason } = await selectKernel({ wanted: 'auto' });

  t.is(kernel.name, `wasm-${fastestBuild()}`);
  t.is(kernel.name, kernelsHere()[0]!);
  t.is(reason, 'the fastest of this processor');
});

test('it is the fastest that every place runs', async (t) => {
  const old = ['wasm-simd128', 'reference'] as const;
  const young = ['wasm-relaxed-simd', ...old] as const;

  const mixed = await selectKernel({ wanted: 'auto', places: [young, old] });
  const alike = await selectKernel({ wanted: 'wasm', places: [young, young] });

  t.is(mixed.kernel.name, 'wasm-simd128');
  t.is(alike.kernel.name, 'wasm-relaxed-simd');
});

test('the error of places that have none in common lists what each runs', async (t) => {
  const places = [['reference'], ['wasm-simd128', 'reference']] as const;

  const error = await t.throwsAsync(selectKernel({ wanted: 'wasm', places }), {
    instanceOf: KernelUnavailableError,
    code: 'ERR_KERNEL_UNAVAILABLE',
  });

  t.regex(error!.message, /reference; wasm-simd128 or reference/);
});

test('the build that every processor runs can be pinned, here and on all places', async (t) => {
  const young = ['wasm-relaxed-simd', 'wasm-simd128', 'reference'] as const;
  const expected = { kernel: 'wasm-simd128', reason: 'asked for' };

  for (const places of [undefined, [young, young]]) {
    const { kernel, reason } = await selectKernel({
      wanted: 'wasm-simd128',
      ...(places && { places }),
    });
    t.deepEqual({ kernel: kernel.name, reason }, expected);
  }
});

test('a place that does not run the pinned build is an error that says what it runs', async (t) => {
  const places = [['wasm-simd128', 'reference'], ['reference']] as const;

  const error = await t.throwsAsync(selectKernel({ wanted: 'wasm-simd128', places }), {
    instanceOf: KernelUnavailableError,
    code: 'ERR_KERNEL_UNAVAILABLE',
  });

  t.regex(error!.message, /1 of 2 workers do not run wasm-simd128, only reference/);
});
