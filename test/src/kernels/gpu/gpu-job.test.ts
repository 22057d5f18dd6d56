import { mock } from 'node:test';
import test from 'ava';
import { DeviceError } from '../../../../src/errors.js';
import { gpuKernel } from '../../../../src/kernels/gpu/gpu-kernel.js';
import type { Batch, BatchWatch, GpuProgram } from '../../../../src/kernels/gpu/gpu-program.js';
import type { GpuSums } from '../../../../src/kernels/gpu-solver.js';
import { chooseKernel } from '../../../../src/kernels/select/choose-kernel.js';
import { createJob, type WholeJob } from '../../../../src/training/job.js';
import { tasksOf } from '../../../../src/training/phases.js';
import { settingsAsInPaper } from '../../../helpers/builders/as-in-paper.js';
import { factorsOf, randomRatings } from '../../../helpers/builders/jobs.js';
import { type Mischief, pretendGpuProgram } from '../../../helpers/fakes/pretend-gpu-program.js';
import { openKernel, runKernel } from '../../../helpers/probes/open-kernel.js';

const ratings = randomRatings({ users: 60, items: 50, density: 0.2 });
const options = { rank: 6, iterations: 2, blocks: 3 };
const userPhase = { kind: 'solve', iteration: 1, side: 'user' } as const;

async function openOn(program: GpuProgram, deadline?: number) {
  const kernel = gpuKernel(program, { deadline });
  const job: WholeJob = createJob({
    kernel,
    ratings,
    settings: settingsAsInPaper(options),
    slots: 1,
  });
  return { job, solver: await kernel.open(job.layout) };
}

/** What a batch of the first user phase writes, as text. */
function memoryOf({ layout }: WholeJob): string {
  const { memory, stride, user, blockGrams } = layout;
  const rows = Buffer.from(memory.buffer, user.factors[1], user.rowCount * stride * 4);
  const grams = Buffer.from(memory.buffer, blockGrams, 3 * stride ** 2 * 4);
  return rows.toString('hex') + grams.toString('hex');
}

test('a job on a device is what the kernel computes, to the last bit', async (t) => {
  const wasm = await openKernel(chooseKernel('auto'), ratings, options);
  const expected = await runKernel(wasm);
  const device = await openKernel(gpuKernel(pretendGpuProgram()), ratings, options);
  t.teardown(() => device.close());

  const actual = await runKernel(device);

  t.deepEqual(actual, expected);
  t.deepEqual(factorsOf(device.job, 'user', 2), factorsOf(wasm.job, 'user', 2));
  t.deepEqual(factorsOf(device.job, 'item', 2), factorsOf(wasm.job, 'item', 2));
});

test('ratings go to the device once, rows once, and what it has solved never', async (t) => {
  const program = pretendGpuProgram();
  const device = await openKernel(gpuKernel(program), ratings, { ...options, balance: false });

  await runKernel(device);
  await device.close();

  t.deepEqual(program.calls, [
    'rows item 0 0-3',
    'gram item 0 0-3',
    'ratings user 0-3',
    'rows user 0 0-3',
    'gram',
    'solve user 1 0-3',
    'ratings item 0-3',
    'gram',
    'solve item 1 0-3',
    'gram',
    'solve user 2 0-3',
    'gram',
    'solve item 2 0-3',
    'close',
  ]);
});

test('tasks of one turn go together, the first tells the bytes, and each has its time', async (t) => {
  const program = pretendGpuProgram();
  const { job, solver } = await openOn(program);
  t.teardown(() => solver.close());

  const results = await Promise.all(tasksOf(job.layout, userPhase).map((task) => solver.run(task)));

  const traffic = results.map((result) => result!.traffic);
  const { rowCount } = job.layout.user;
  t.is(traffic[0]!.readBackBytes, rowCount * 8 * 4 + 3 * 8 * 8 * 4);
  t.true(traffic[0]!.uploadedBytes > rowCount * 8 * 4);
  t.deepEqual(traffic.slice(1), Array(2).fill({ uploadedBytes: 0, readBackBytes: 0 }));
  t.true(results.every((result) => result!.seconds > 0));
});

test('a block that was solved elsewhere is uploaded, and only that one', async (t) => {
  const program = pretendGpuProgram();
  const { job, solver } = await openOn(program);
  t.teardown(() => solver.close());
  const tasks = tasksOf(job.layout, userPhase);

  await Promise.all([solver.run(tasks[0]!), solver.run(tasks[2]!)]);
  program.calls.length = 0;
  await solver.run({ kind: 'solve', iteration: 1, side: 'item', block: 1 });

  t.deepEqual(program.calls, ['ratings item 1-2', 'rows user 1 1-2', 'gram', 'solve item 1 1-2']);
});

test('rows that others have written are uploaded again', async (t) => {
  const program = pretendGpuProgram();
  const { job, solver } = await openOn(program);
  t.teardown(() => solver.close());
  await solver.run(tasksOf(job.layout, userPhase)[1]!);
  await solver.run({ kind: 'solve', iteration: 1, side: 'item', block: 0 });
  program.calls.length = 0;

  solver.forget('user', 0);
  solver.forget('user', 2);
  await solver.run({ kind: 'solve', iteration: 1, side: 'item', block: 1 });

  t.deepEqual(program.calls, [
    'ratings item 1-2',
    'rows user 1 0-1',
    'rows user 1 2-3',
    'solve item 1 1-2',
  ]);
});

test('rows that it has solved are uploaded again when they are rewritten', async (t) => {
  const program = pretendGpuProgram();
  const { job, solver } = await openOn(program);
  t.teardown(() => solver.close());
  for (const task of tasksOf(job.layout, userPhase)) await solver.run(task);
  await solver.run({ kind: 'solve', iteration: 1, side: 'item', block: 0 });
  program.calls.length = 0;

  solver.forget('user', 1);
  await solver.run({ kind: 'solve', iteration: 1, side: 'item', block: 1 });
  t.deepEqual(program.calls, ['ratings item 1-2', 'rows user 1 1-2', 'solve item 1 1-2']);

  program.calls.length = 0;
  await solver.run({ kind: 'gram', iteration: 1, side: 'item', block: 0 });
  await solver.run({ kind: 'solve', iteration: 2, side: 'user', block: 0 });
  t.true(program.calls.includes('rows item 1 0-1'));
  t.true(program.calls.some((call) => call.startsWith('rows user 1 0')));
});

test('a task that is given twice is answered twice', async (t) => {
  const program = pretendGpuProgram();
  const { solver } = await openOn(program);
  t.teardown(() => solver.close());
  const task = { ...userPhase, block: 1 };

  const [one, two] = await Promise.all([solver.run(task), solver.run(task)]);

  t.deepEqual(one!.sums, two!.sums);
  t.is(program.calls.filter((call) => call.startsWith('solve')).length, 1);
});

test('a job that is stopped answers nothing', async (t) => {
  const { job, solver } = await openOn(pretendGpuProgram());
  t.teardown(() => solver.close());
  Atomics.store(new Int32Array(job.layout.memory.buffer, job.layout.stopFlag, 1), 0, 1);

  t.is(await solver.run({ ...userPhase, block: 0 }), undefined);
});

const fails = test.macro(
  async (t, more: { mischief?: Mischief } & Partial<GpuProgram>, message: RegExp) => {
    const { job, solver } = await openOn(pretendGpuProgram(more), 0.05);
    const before = memoryOf(job);
    const tasks = tasksOf(job.layout, userPhase);

    const outcomes = await Promise.allSettled(tasks.map((task) => solver.run(task)));

    for (const outcome of outcomes) {
      t.is(outcome.status, 'rejected');
      const { reason } = outcome as PromiseRejectedResult;
      t.true(reason instanceof DeviceError);
      t.regex(reason.message, message);
    }
    await t.throwsAsync(solver.run(tasks[0]!), { instanceOf: DeviceError });
    await solver.close();
    t.is(memoryOf(job), before);
  },
);

test(
  'whatever a device throws is a device error, and the memory is as before',
  fails,
  { mischief: () => Promise.reject(new Error('the map failed')) },
  /pretended device failed: the map failed/,
);
test(
  'a device that is silent is given up',
  fails,
  { mischief: () => new Promise(() => {}) },
  /silent; expected an answer within 0.05 s/,
);
test(
  'a device that is lost fails what is under way',
  fails,
  { lost: Promise.resolve('it was lost'), mischief: () => new Promise(setImmediate) },
  /pretended device failed: it was lost/,
);

test('a silent device is not used by anybody else', async (t) => {
  let reason = '';
  const program = pretendGpuProgram({
    giveUp: (given) => {
      reason = given;
    },
    mischief: () => new Promise(() => {}),
  });
  const { solver } = await openOn(program, 0.05);

  await t.throwsAsync(solver.run({ ...userPhase, block: 0 }));
  await solver.close();

  t.is(reason, 'it did not answer within 0.05 s');
});

test.serial('the deadline counts from the last sign of progress', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const seconds = { user: [8, 8, 8], item: [8, 11] };
  const mischief = async ({ side }: Batch, { progress }: BatchWatch) => {
    for (const each of seconds[side]) {
      mock.timers.tick(each * 1000);
      progress();
    }
  };
  const program = pretendGpuProgram({ mischief });
  const { solver } = await openOn(program, 10);
  t.teardown(() => solver.close());

  t.truthy(await solver.run({ ...userPhase, block: 0 }));
  await t.throwsAsync(solver.run({ ...userPhase, side: 'item', block: 0 }), { message: /silent/ });
});

test('sums that are no numbers are garbage', async (t) => {
  const program = pretendGpuProgram();
  const { open } = program;
  const { solver } = await openOn({
    ...program,
    async open(job) {
      const opened = await open(job);
      return {
        ...opened,
        async solve(batch, watch) {
          const result = await opened.solve(batch, watch);
          const sums = result.sums.map((each) => ({ ...each, regularization: Number.NaN }));
          return { ...result, sums };
        },
      };
    },
  });
  t.teardown(() => solver.close());

  await t.throwsAsync(solver.run({ ...userPhase, block: 0 }), {
    instanceOf: DeviceError,
    message: /computes NaN as the sum regularization/,
  });
});

test('closing waits for the batch that is under way, and nothing is written any more', async (t) => {
  let letGo = () => {};
  let isAtRest = false;
  const mischief = async () => {
    await new Promise<void>((resolve) => {
      letGo = resolve;
    });
    isAtRest = true;
  };
  const program = pretendGpuProgram({ mischief });
  const { job, solver } = await openOn(program);
  const running: Promise<GpuSums | undefined> = solver.run({ ...userPhase, block: 0 });
  const refused = t.throwsAsync(running, { instanceOf: DeviceError });
  while (!program.calls.includes('solve user 1 0-1')) await new Promise(setImmediate);
  const before = memoryOf(job);

  const closing = solver.close();
  await refused;
  t.false(isAtRest);
  letGo();
  await closing;

  t.true(isAtRest);
  t.is(program.calls.at(-1), 'close');
  t.is(memoryOf(job), before);
});

test('a job that does not open is an error of the device', async (t) => {
  const full = pretendGpuProgram({ open: () => Promise.reject(new Error('out of memory')) });
  await t.throwsAsync(openOn(full), {
    instanceOf: DeviceError,
    message: 'pretended device failed: out of memory',
  });

  const silent = pretendGpuProgram({ open: () => new Promise(() => {}) });
  await t.throwsAsync(openOn(silent, 0.05), { instanceOf: DeviceError, message: /silent/ });
});
