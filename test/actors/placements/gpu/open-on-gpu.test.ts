import test from 'ava';
import { openOnGpu, openWith } from '../../../../actors/placements/gpu/open-on-gpu.js';
import { inProcess } from '../../../../actors/placements/in-process.js';
import type { Placement } from '../../../../actors/placements/placement.js';
import { threads } from '../../../../actors/placements/threads/threads.js';
import { DeviceError, KernelUnavailableError, PlacementError } from '../../../../src/errors.js';
import { gpuKernel } from '../../../../src/kernels/gpu/gpu-kernel.js';
import type { Batch, GpuProgram } from '../../../../src/kernels/gpu/gpu-program.js';
import type { JobLayout } from '../../../../src/kernels/job-layout.js';
import type { PartedLayout } from '../../../../src/kernels/parts/parted-layout.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { pretendGpuProgram } from '../../../helpers/fakes/pretend-gpu-program.js';
import { jobFor, runToEnd } from '../../../helpers/probes/runs.js';
import { placementSuite } from '../../../helpers/suites/placement-suite.js';

/** A placement on a device that is not there, and that goes on as another one if it fails. */
function onPretended(
  otherwise: Placement,
  program: GpuProgram = pretendGpuProgram(),
  deadline = 60,
): Placement {
  const openDevice = async (job: JobLayout | PartedLayout) => {
    const solver = await openWith(gpuKernel(program, { deadline }), job);
    return { solver, deviceName: program.deviceName };
  };
  return {
    ...otherwise,
    name: `a device, or ${otherwise.name}`,
    open: (job, onFault) =>
      openOnGpu(job, { onFault, openProcessor: (job) => otherwise.open(job), openDevice }),
    openParts: (job, onFault) =>
      openOnGpu(job, { onFault, openProcessor: (job) => otherwise.openParts!(job), openDevice }),
  };
}

placementSuite(() => onPretended(inProcess()));
placementSuite(() => onPretended(threads(2)));

const ratings = randomRatings({ users: 80, items: 60, density: 0.2 });
const options = { rank: 12, iterations: 2, blocks: 4 };

test('a run on a device has one batch a phase, and tells the bytes', async (t) => {
  const program = pretendGpuProgram();
  const unbalanced = { ...options, balance: false };
  const expected = await runToEnd(ratings, unbalanced, inProcess());

  const actual = await runToEnd(ratings, unbalanced, onPretended(inProcess(), program));

  t.deepEqual(actual.factors, expected.factors);
  t.deepEqual(
    program.calls.filter((call) => /^(gram|solve) /.test(call)),
    [
      'gram item 0 0-4',
      'solve user 1 0-4',
      'solve item 1 0-4',
      'solve user 2 0-4',
      'solve item 2 0-4',
    ],
  );
  const phases = actual.events.flatMap((event) => (event.type === 'phase' ? [event] : []));
  const gramBytes = 12 * 12 * 4;
  t.deepEqual(phases.map(({ uploadedBytes }) => uploadedBytes).slice(2), [gramBytes, gramBytes]);
  t.deepEqual(
    phases.map(({ readBackBytes }) => readBackBytes),
    [80, 60, 80, 60].map((rows) => rows * 12 * 4 + 4 * gramBytes),
  );
  t.true(phases.every(({ blocks }) => blocks.every(({ ranOn }) => ranOn === 'pretended device')));
});

/** A device that fails at the batch with that number, from 0 on. */
function failingAt(count: number, fail: () => Promise<void>): GpuProgram {
  let batches = 0;
  return pretendGpuProgram({
    mischief: async (_batch: Batch) => (batches++ === count ? fail() : undefined),
  });
}

/** With the seconds after which the device is given up. */
const ways: readonly (readonly [what: string, fail: () => Promise<void>, deadline: number])[] = [
  ['throws', () => Promise.reject(new Error('out of memory')), 60],
  ['is silent', () => new Promise(() => {}), 2],
];
/** Solved phases before a batch: the first one sums a Gram matrix, and so does the one after balancing. */
const solvedBefore = [0, 0, 1, 2, 2, 3];

for (const place of [inProcess(), threads(2)]) {
  for (const [what, fail, deadline] of ways) {
    for (const batch of what === 'throws' ? [0, 1, 2, 5] : [1]) {
      test.serial(
        `batch ${batch} of a device that ${what} is solved by ${place.name}`,
        async (t) => {
          const expected = await runToEnd(ratings, options, inProcess());

          const actual = await runToEnd(
            ratings,
            options,
            onPretended(place, failingAt(batch, fail), deadline),
          );

          t.is(actual.error, undefined);
          t.deepEqual(actual.factors, expected.factors);
          const faults = actual.events.filter(({ type }) => type === 'fault');
          t.is(faults.length, 1);
          t.like(faults[0], { component: 'kernel', action: 'use-wasm' });
          const wheres = actual.events.flatMap((event) =>
            event.type === 'phase' ? [event.blocks[0]!.ranOn] : [],
          );
          t.is(wheres.filter((where) => where === 'pretended device').length, solvedBefore[batch]);
        },
      );
    }
  }
}

test('a device that is lost between two phases is noticed in the next', async (t) => {
  let lose = (_reason: string): void => {};
  const lost = new Promise<string>((resolve) => {
    lose = resolve;
  });
  const expected = await runToEnd(ratings, options, inProcess());
  const place = onPretended(inProcess(), pretendGpuProgram({ lost }));

  const actual = await runToEnd(ratings, options, place, (event) => {
    if (event.type === 'iteration' && event.iteration === 1) lose('the driver was reset');
  });

  t.deepEqual(actual.factors, expected.factors);
  const faults = actual.events.flatMap((event) => (event.type === 'fault' ? [event] : []));
  t.deepEqual(
    faults.map(({ message, iteration }) => ({ message, iteration })),
    [{ message: 'pretended device failed: the driver was reset', iteration: 1 }],
  );
});

for (const error of [
  new DeviceError('found 9 GiB of ratings; expected 8 GiB at most'),
  new KernelUnavailableError('found no GPU'),
]) {
  test(`a job that a device does not open for (${error.code}) runs anyway`, async (t) => {
    const refusing = pretendGpuProgram({ open: () => Promise.reject(error) });

    const { error: failure, events } = await runToEnd(
      ratings,
      options,
      onPretended(inProcess(), refusing),
    );

    t.is(failure, undefined);
    const [first] = events.filter(({ type }) => type !== 'opened');
    t.like(first, { type: 'fault', component: 'kernel', action: 'use-wasm' });
    t.is(events.filter(({ type }) => type === 'phase').length, 4);
  });
}

test('a bug in opening is no fault of the device', async (t) => {
  const place: Placement = {
    ...inProcess(),
    open: (job) =>
      openOnGpu(job, {
        openProcessor: (job) => inProcess().open(job),
        openDevice: () => Promise.reject(new TypeError('a bug')),
      }),
  };

  const { error } = await runToEnd(ratings, options, place);

  t.true(error instanceof TypeError);
});

test('a device that is silent when its place is closed ends with the deadline', async (t) => {
  const place = onPretended(
    inProcess(),
    failingAt(0, () => new Promise(() => {})),
    1,
  );
  const job = jobFor(ratings, options, place);
  const faults: unknown[] = [];
  const placed = await place.open(job.layout, (fault) => faults.push(fault));
  const task = placed.solve({ kind: 'solve', iteration: 1, side: 'user', block: 0 });
  const refused = t.throwsAsync(task, { instanceOf: PlacementError });
  await new Promise(setImmediate);
  await new Promise(setImmediate);

  await placed.close();

  await refused;
  t.deepEqual(faults, []);
});

/** Two parts of users, and two of items, with scratch memory for every slot. */
const inParts = (placement: Placement): Placement => ({
  ...placement,
  partBytes: 25_000 + 8_700 * (placement.slots - 1),
});

const whatRan = (program: { readonly calls: readonly string[] }) =>
  program.calls.filter((call) => /^(gram|solve) /.test(call));

test('every part of a job has a solver, and gets only copies that were made for it', async (t) => {
  const program = pretendGpuProgram();
  const unbalanced = { ...options, balance: false };
  const expected = await runToEnd(ratings, unbalanced, inProcess());

  const actual = await runToEnd(ratings, unbalanced, inParts(onPretended(inProcess(), program)));

  t.is(actual.error, undefined);
  t.deepEqual(actual.factors, expected.factors);
  t.deepEqual(whatRan(program), [
    'gram item 0 0-2',
    'gram item 0 2-4',
    'solve user 1 0-2',
    'solve user 1 2-4',
    'solve item 1 0-2',
    'solve item 1 2-4',
    'solve user 2 0-2',
    'solve user 2 2-4',
    'solve item 2 0-2',
    'solve item 2 2-4',
  ]);
  const rows = program.calls.filter((call) => /^rows user/.test(call));
  t.deepEqual(rows, [
    'rows user 0 0-2',
    'rows user 0 2-4',
    ...[1, 1, 2, 2].map((generation) => `rows user ${generation} 0-1`),
  ]);
  const phases = actual.events.flatMap((event) => (event.type === 'phase' ? [event] : []));
  const gramBytes = 2 * 12 * 12 * 4;
  t.deepEqual(
    phases.map(({ uploadedBytes }) => uploadedBytes).slice(2),
    phases.map(({ broadcastBytes }) => broadcastBytes + gramBytes).slice(2),
  );
});

test('rows of parts that balancing rewrites go to the device again', async (t) => {
  const more = { ...options, iterations: 4 };
  const expected = await runToEnd(ratings, more, inProcess());

  const actual = await runToEnd(ratings, more, inParts(onPretended(inProcess())));

  t.deepEqual(actual.factors, expected.factors);
  t.true(actual.events.every(({ type }) => type !== 'fault'));
});

for (const place of [inProcess(), threads(2)]) {
  for (const [what, fail, deadline] of ways) {
    for (const batch of what === 'throws' ? [0, 1, 3, 4, 9] : [3]) {
      test.serial(
        `all parts go on by ${place.name} if batch ${batch} of a device ${what}`,
        async (t) => {
          const expected = await runToEnd(ratings, options, inProcess());
          const failing = onPretended(place, failingAt(batch, fail), deadline);

          const actual = await runToEnd(ratings, options, inParts(failing));

          t.is(actual.error, undefined);
          t.deepEqual(actual.factors, expected.factors);
          const faults = actual.events.filter(({ type }) => type === 'fault');
          t.is(faults.length, 1);
          t.like(faults[0], { component: 'kernel', action: 'use-wasm' });
        },
      );
    }
  }
}

test('a device that does not hold all parts is told with their bytes', async (t) => {
  const program = pretendGpuProgram();
  let opened = 0;
  const small: GpuProgram = {
    ...program,
    open: async (job) => {
      if (opened++ === 2) throw new DeviceError('its memory is full');
      return program.open(job);
    },
  };
  const expected = await runToEnd(ratings, options, inProcess());

  const actual = await runToEnd(ratings, options, inParts(onPretended(inProcess(), small)));

  t.deepEqual(actual.factors, expected.factors);
  const [fault] = actual.events.flatMap((event) => (event.type === 'fault' ? [event] : []));
  t.regex(fault!.message, /memory is full; found 4 parts of 1 MiB in all, .* after 1 MiB; /);
  t.deepEqual(program.calls, ['close', 'close']);
});
