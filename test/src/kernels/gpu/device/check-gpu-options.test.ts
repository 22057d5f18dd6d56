import test from 'ava';
import { InvalidOptionError } from '../../../../../src/errors.js';
import { checkGpuOptions } from '../../../../../src/kernels/gpu/device/check-gpu-options.js';

const refused = test.macro({
  exec(t, options: unknown, option: string) {
    const error = t.throws(() => checkGpuOptions(options as object), {
      instanceOf: InvalidOptionError,
      code: 'ERR_INVALID_OPTION',
    });

    t.is(error!.option, option);
  },
  title: (_, options) => `gpu: ${JSON.stringify(options)} is refused`,
});

test(refused, 'yes', 'gpu');
test(refused, null, 'gpu');
test(refused, { software: 1 }, 'gpu.software');
test(refused, { program: 'cuda' }, 'gpu.program');
test(refused, { deadline: 0 }, 'gpu.deadline');
test(refused, { deadline: '60' }, 'gpu.deadline');
test(refused, { deadlines: 60 }, 'gpu.deadlines');

test('what is right is taken', (t) => {
  const options = { software: true, program: 'gpu.js', deadline: 0.5 } as const;

  t.is(checkGpuOptions(options), options);
  t.deepEqual(checkGpuOptions({}), {});
});
