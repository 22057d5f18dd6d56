import test from 'ava';
import { DeviceError, KernelUnavailableError } from '../../../../../src/errors.js';
import { openDevice } from '../../../../../src/kernels/gpu/device/open-gpu.js';
import { anyGpu } from '../../../../helpers/builders/software-gpu.js';
import { stubAdapter, stubEntry } from '../../../../helpers/fakes/stub-gpu.js';
import { runProgram, withoutVulkan } from '../../../../helpers/programs/child-program.js';

/** Opens the GPU in a process that does nothing else, and tells how that ended. */
const opens = `
  import { openGpu } from 'build:src/kernels/gpu/device/open-gpu.js';
  try {
    const gpu = await openGpu(JSON.parse(process.env.REQUEST ?? '{}'));
    console.log('opened', gpu.isSoftware);
  } catch (error) {
    console.log(error.name + ': ' + error.message);
  }
`;

test.serial('without the package the message says how to install it', async (t) => {
  const { status, stdout } = await runProgram(opens, {
    broken: { webgpu: 'ERR_MODULE_NOT_FOUND' },
  });

  t.is(status, 0);
  t.is(
    stdout,
    'KernelUnavailableError: package webgpu is not installed; expected it for a GPU; ' +
      "try npm install webgpu@0.6 gpu.js@2.24, or kernel: 'wasm'",
  );
});

test.serial('the error of a package whose native part does not load has the reason', async (t) => {
  const { status, stdout } = await runProgram(opens, { broken: { webgpu: 'ERR_DLOPEN_FAILED' } });

  t.is(status, 0);
  t.regex(stdout, /^KernelUnavailableError: package webgpu does not load: webgpu is broken;/);
});

test.serial(
  'importing seesaw loads neither Dawn nor gpu.js, and training a little neither',
  async (t) => {
    const program = `
    import { fromRatings, train } from 'build:src/index.js';
    const rows = Array.from({ length: 50 }, (_, n) => ({ user: n % 7, item: n % 11 }));
    fromRatings(rows).pipe(train({ rank: 2, iterations: 1 })).subscribe((event) => console.log(event.type));
  `;
    const code = 'ERR_OF_THIS_TEST';

    const { status, stdout } = await runProgram(program, {
      broken: { webgpu: code, 'gpu.js': code },
    });

    t.is(status, 0);
    t.deepEqual(stdout.split('\n'), ['started', 'phase', 'phase', 'iteration', 'finished']);
  },
);

const tells = test.macro(
  async (t, env: Readonly<Record<string, string>>, request: object, expected: RegExp) => {
    const { status, stdout } = await runProgram(opens, {
      env: { ...env, REQUEST: JSON.stringify(request) },
    });

    t.is(status, 0);
    t.regex(stdout, expected);
  },
);

test.serial(
  'a machine without a driver has no GPU, and the process ends',
  tells,
  { VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/nowhere' },
  { software: true },
  /^KernelUnavailableError: found no GPU; expected one with a Vulkan/,
);

test.serial('a machine without a Vulkan loader has no GPU, and the process ends', async (t) => {
  const { env, remove } = withoutVulkan();
  t.teardown(remove);

  const { status, stdout } = await runProgram(opens, { env });

  t.is(status, 0);
  t.regex(stdout, /^KernelUnavailableError: found no GPU/);
});

test.serial(
  'the null backend, which computes garbage, is found out, and the process ends',
  tells,
  { DAWNNODE_BACKEND: 'null' },
  {},
  /^DeviceError: null-backend: it computes \S+ where \S+ is right; try kernel: 'wasm'/,
);

const testOnSoftware = anyGpu?.isSoftware ? test.serial : test.serial.skip;

testOnSoftware('a driver that computes on the processor is refused unless asked for', async (t) => {
  const refused = await runProgram(opens);
  const asked = await runProgram(opens, { env: { REQUEST: '{"software":true}' } });

  t.regex(refused.stdout, /^KernelUnavailableError: found only .*gpu: \{ software: true \}/);
  t.is(asked.stdout, 'opened true');
  t.deepEqual([refused.status, asked.status], [0, 0]);
});

test('without an adapter there is no GPU', async (t) => {
  await t.throwsAsync(
    openDevice(
      stubEntry(async () => null),
      {},
    ),
    {
      instanceOf: KernelUnavailableError,
      message: /^found no GPU/,
    },
  );
});

test('an adapter that names itself after the processor is refused', async (t) => {
  for (const info of [
    { isFallbackAdapter: true },
    { architecture: 'software' },
    { description: 'SwiftShader Device (LLVM 10.0.0)' },
    { description: 'Microsoft Basic Render Driver' },
  ]) {
    const entry = stubEntry(async () => stubAdapter({ info }));

    await t.throwsAsync(openDevice(entry, {}), {
      instanceOf: KernelUnavailableError,
      message: /which computes on the processor; expected a GPU/,
    });
  }
});

test('a driver that hangs is given up after the deadline', async (t) => {
  const never = () => new Promise<never>(() => {});
  for (const entry of [
    stubEntry(never),
    stubEntry(async () => stubAdapter({ requestDevice: never })),
  ]) {
    await t.throwsAsync(openDevice(entry, { deadline: 0.02 }), {
      instanceOf: DeviceError,
      message: /no answer to .* within 0.02 s/,
    });
  }
});

test('limits and features are asked for as the adapter has them', async (t) => {
  let asked: GPUDeviceDescriptor | undefined;
  const adapter = stubAdapter({
    limits: { maxBufferSize: 7_000_000_000, maxStorageBuffersPerShaderStage: 11 },
    features: ['subgroups', 'texture-compression-bc'],
    requestDevice: async (descriptor) => {
      asked = descriptor;
      throw new Error('enough');
    },
  });

  await t.throwsAsync(
    openDevice(
      stubEntry(async () => adapter),
      {},
    ),
    {
      instanceOf: DeviceError,
      message: /^a GPU: enough/,
    },
  );

  t.is(asked!.requiredLimits!.maxBufferSize, 7_000_000_000);
  t.is(asked!.requiredLimits!.maxStorageBuffersPerShaderStage, 11);
  t.deepEqual(asked!.requiredFeatures, ['subgroups']);
});
