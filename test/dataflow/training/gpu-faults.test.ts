import test from 'ava';
import { anyGpu, testOnGpu } from '../../helpers/builders/software-gpu.js';
import {
  type ProgramSettings,
  runProgram,
  withoutVulkan,
} from '../../helpers/programs/child-program.js';

/** Trains in a process of its own and prints its events, one JSON object a line. */
const trains = (more: string) => `
  import { synthetic, train, inProcess, threads } from 'build:src/index.js';
  import { openGpu } from 'build:src/kernels/gpu/device/open-gpu.js';
  const source = synthetic({ users: 200, items: 150, density: 0.05, seed: 3 });
  const options = { rank: 8, iterations: 3, placement: inProcess(), kernel: 'gpu', gpu: { software: true } };
  const print = (event) => console.log(JSON.stringify(event, ['type', 'component', 'action', 'message', 'kernel', 'iteration', 'side', 'uploadedBytes', 'readBackBytes']));
  const fail = (error) => console.log(JSON.stringify({ type: 'error', name: error.name, message: error.message }));
  ${more}
`;

const trainsToEnd = trains('source.pipe(train(options)).subscribe({ next: print, error: fail });');

/** An event as `trains` prints it. */
interface Printed {
  readonly type: string;
  readonly message?: string;
  readonly [name: string]: unknown;
}

async function eventsOf(program: string, settings?: ProgramSettings): Promise<Printed[]> {
  const { status, stdout, stderr } = await runProgram(program, settings);
  if (status !== 0) throw new Error(`ended with ${status}: ${stderr}`);
  return stdout.split('\n').map((line) => JSON.parse(line));
}

const refuses = test.macro(async (t, settings: ProgramSettings, name: string, message: RegExp) => {
  const events = await eventsOf(trainsToEnd, settings);

  t.is(events.length, 1);
  t.like(events[0], { type: 'error', name });
  t.regex(events[0]!.message!, message);
});

const driverless = { VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/nowhere' };
test.serial(
  "kernel 'gpu' without its package says what to install, before training",
  refuses,
  { broken: { webgpu: 'ERR_MODULE_NOT_FOUND' } },
  'KernelUnavailableError',
  /package webgpu is not installed; .* npm install webgpu@0\.6 gpu\.js@2\.24/,
);
test.serial(
  "kernel 'gpu' without a driver says so, before training",
  refuses,
  { env: driverless },
  'KernelUnavailableError',
  /found no GPU/,
);
test.serial(
  "kernel 'gpu' on the null backend is refused, before training",
  refuses,
  { env: { DAWNNODE_BACKEND: 'null' } },
  'DeviceError',
  /null-backend: it computes/,
);

/** Chooses for a job that is large enough for a GPU, on a machine that shows one. */
const chooses = `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  fs.existsSync = () => true;
  syncBuiltinESMExports();
  const { selectKernel } = await import('build:src/kernels/select/select-kernel.js');
  const shape = { users: 1e6, items: 1e5, ratings: 1e9, heldOut: 0, rank: 128, stride: 128, longestRow: 1e5 };
  const gpuWork = { shape, solver: 'cg', nonnegative: false, cgSteps: 2, iterations: 15 };
  const { kernel, reason } = await selectKernel({ wanted: 'auto', gpuWork });
  console.log(kernel.name, reason);
`;

test.serial("kernel 'auto' is WASM wherever there is no GPU, and says why", async (t) => {
  const { env, remove } = withoutVulkan();
  t.teardown(remove);
  for (const [settings, reason] of [
    [{ broken: { webgpu: 'ERR_MODULE_NOT_FOUND' } }, /no GPU: package webgpu is not installed/],
    [{ broken: { webgpu: 'ERR_DLOPEN_FAILED' } }, /no GPU: package webgpu does not load/],
    [{ env }, /no GPU: found no GPU/],
    [{ env: driverless }, /no GPU: found no GPU/],
    [{ env: { DAWNNODE_BACKEND: 'null' } }, /no GPU: null-backend: it computes/],
  ] as const) {
    const { status, stdout } = await runProgram(chooses, settings);

    t.is(status, 0);
    t.regex(stdout, /^wasm-\S+ the fastest of this processor; /);
    t.regex(stdout, reason);
  }
});

const testOnSoftware = anyGpu?.isSoftware ? test.serial : test.serial.skip;

testOnSoftware("kernel 'auto' does not take a driver that computes on the processor", async (t) => {
  const { status, stdout } = await runProgram(chooses);

  t.is(status, 0);
  t.regex(stdout, /^wasm-.*no GPU: found only .*, which computes on the processor/);
});

testOnGpu('a training on a GPU ends, and so does its process', async (t) => {
  const events = await eventsOf(trainsToEnd);

  t.like(events[0], { type: 'started', kernel: 'gpu-wgsl' });
  t.is(events.at(-1)!.type, 'finished');
  const phases = events.filter(({ type }) => type === 'phase');
  // Rows and the Gram matrix of one block come back, its sums in 64-bit numbers or smaller ones.
  for (const [at, rows] of [200, 150, 200, 150, 200, 150].entries()) {
    const least = rows * 8 * 4 + 8 * 8 * 4;
    const bytes = phases[at]!.readBackBytes as number;
    t.true(bytes >= least && bytes < 2 * least, `phase ${at} read ${bytes} bytes back`);
  }
  t.deepEqual(
    phases.slice(2).map(({ uploadedBytes }) => uploadedBytes),
    // The model was balanced after iteration 1, so users are uploaded again.
    [200 * 8 * 4, 0, 0, 0].map((rows) => rows + 8 * 8 * 4),
  );
});

testOnGpu('a device that is destroyed in mid-run leaves the job to WASM', async (t) => {
  for (const place of ['inProcess()', 'threads(2)']) {
    const events = await eventsOf(
      trains(`
      const gpu = await openGpu({ software: true });
      source.pipe(train({ ...options, placement: ${place} })).subscribe({
        next(event) {
          print(event);
          if (event.type === 'iteration' && event.iteration === 1) gpu.device.destroy();
        },
        error: fail,
      });`),
    );

    const faults = events.filter(({ type }) => type === 'fault');
    t.is(faults.length, 1);
    t.like(faults[0], { component: 'kernel', action: 'use-wasm', iteration: 1 });
    t.is(events.at(-1)!.type, 'finished');
    t.is(events.filter(({ type }) => type === 'phase').length, 6);
  }
});

testOnGpu('unsubscribing while the GPU computes ends the process', async (t) => {
  for (const at of ['started', 'phase']) {
    const events = await eventsOf(
      trains(`
      const run = source.pipe(train(options)).subscribe({
        next(event) {
          print(event);
          if (event.type === '${at}') setImmediate(() => run.unsubscribe());
        },
        error: fail,
      });`),
    );

    t.is(events.at(-1)!.type, at);
  }
});

testOnGpu('two trainings at once share the GPU', async (t) => {
  const events = await eventsOf(
    trains(
      `for (let n = 0; n < 2; n++) source.pipe(train(options)).subscribe({ next: print, error: fail });`,
    ),
  );

  t.is(events.filter(({ type }) => type === 'finished').length, 2);
  t.false(events.some(({ type }) => type === 'fault' || type === 'error'));
});
