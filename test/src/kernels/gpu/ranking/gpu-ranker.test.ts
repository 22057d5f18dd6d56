import test from 'ava';
import fc from 'fast-check';
import { DeviceError } from '../../../../../src/errors.js';
import { openGpuRanker } from '../../../../../src/kernels/gpu/ranking/gpu-ranker.js';
import { openScreen } from '../../../../../src/kernels/gpu/ranking/screen.js';
import { anyFilter, anyShape } from '../../../../helpers/builders/any-model.js';
import { listsOneByOne, modelOf, randomModel } from '../../../../helpers/builders/models.js';
import { anyGpu, testOnGpu } from '../../../../helpers/builders/software-gpu.js';
import {
  type Mischief,
  pretendGpu,
  pretendScreen,
} from '../../../../helpers/fakes/pretend-screen.js';
import { listsOn } from '../../../../helpers/probes/lists-on-gpu.js';

const room = { slots: 1, deadline: 60 };

testOnGpu('any model gives what it gives one by one, to the last bit and tie', async (t) => {
  await fc.assert(
    fc.asyncProperty(anyShape(), anyFilter, async (shape, options) => {
      const model = randomModel(shape);

      t.deepEqual(await listsOn(anyGpu!, model, options), listsOneByOne(model, options));
    }),
    { seed: 1, numRuns: 60 },
  );
});

testOnGpu('more items than groups, and long lists, are no different', async (t) => {
  const model = randomModel({ rank: 10, users: 40, items: 6000, distinctItems: 5500 });

  for (const count of [20, 700, 2048]) {
    t.deepEqual(await listsOn(anyGpu!, model, { count }), listsOneByOne(model, { count }));
  }
});

testOnGpu('limits that split items and users change nothing', async (t) => {
  const model = randomModel({ rank: 20, users: 400, items: 500 });
  // Three panels of items, and a tile of users, at a time.
  const limits = {
    maxStorageBufferBindingSize: 4 * 128 * 512,
    maxBufferSize: anyGpu!.limits.maxBufferSize,
    maxComputeWorkgroupsPerDimension: 131,
  } as GPUSupportedLimits;

  const lists = await listsOn({ ...anyGpu!, limits }, model);

  t.deepEqual(lists, listsOneByOne(model));
});

testOnGpu('items that the limits cannot hold are refused with the numbers', async (t) => {
  const model = randomModel({ rank: 2, users: 4, items: 500 });
  const limits = {
    maxStorageBufferBindingSize: 4 * 128 * 300,
    maxBufferSize: anyGpu!.limits.maxBufferSize,
  } as GPUSupportedLimits;

  await t.throwsAsync(listsOn({ ...anyGpu!, limits, giveUp: () => {} }, model), {
    instanceOf: DeviceError,
    message: /500 items .* at most 300 /,
  });
});

testOnGpu('scores that overflow, and rows that are not numbers, are no different', async (t) => {
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
  const users = Float32Array.of(1, 1, 3e38, 3e38, -3e38, 1, nan, 1, infinity, 0, 1e-30, 1e-30);
  const items = [1, 2, 3e38, 1, -1e-30, 1e-35, 0, 0, 2, 1];

  for (const more of [[], [nan, 4], [infinity, 1, -infinity, 1]]) {
    const model = modelOf(2, users, Float32Array.from([...items, ...more]));
    t.deepEqual(await listsOn(anyGpu!, model), listsOneByOne(model));
  }
});

testOnGpu('a screen keeps hardly more than the lists', async (t) => {
  const count = 20;
  const { itemFactors: rows } = randomModel({ rank: 64, users: 1, items: 5000 });
  const { userFactors } = randomModel({ rank: 64, users: 100, items: 1 });
  const capacity = 100;
  const screen = await openScreen(anyGpu!, {
    items: { rows, rank: 64, count: 5000 },
    ...{ count, capacity, users: 100, ratings: 0, slots: 1 },
  });

  const keptItems = await screen.run(
    {
      users: { rows: userFactors, rank: 64, count: 100 },
      slacks: new Float32Array(100).fill(1e-5),
      seenOffsets: new Uint32Array(101),
      seenItems: new Uint32Array(0),
    },
    0,
  );
  screen.close();

  const lengths = Array.from({ length: 100 }, (_, user) => keptItems[user * (capacity + 1)]!);
  t.true(lengths.every((length) => length >= count && length < 1.5 * count));
});

test('what a screen keeps becomes the same lists on any device', async (t) => {
  const model = randomModel({ rank: 6, users: 50, items: 90, zeroRows: 0.2 });
  const filter = { count: 7, deny: [1, 2, 3] };
  const { open, log } = pretendScreen();

  t.deepEqual(await listsOn(pretendGpu(), model, filter, open), listsOneByOne(model, filter));
  t.deepEqual(log, ['close']);
});

const mischiefs: Record<string, Mischief> = {
  'nothing at all': (keptItems) => {
    keptItems.fill(0);
  },
  'items that are not there': (keptItems) => {
    keptItems[1] = 90;
  },
  'too few items': (keptItems) => {
    keptItems[0] = 3;
  },
  'others than the best items': (keptItems) => {
    for (let at = 1; at <= keptItems[0]!; at++) keptItems[at] = (keptItems[at]! + 1) % 90;
  },
  'an error': () => {
    throw new TypeError('no such buffer');
  },
};

for (const [what, mischief] of Object.entries(mischiefs)) {
  test(`a device that answers ${what} is given up`, async (t) => {
    const model = randomModel({ rank: 6, users: 50, items: 90 });
    const gpu = pretendGpu();
    const lists = listsOn(gpu, model, { count: 5 }, pretendScreen(mischief).open);

    await t.throwsAsync(lists, { instanceOf: DeviceError, code: 'ERR_DEVICE' });
    t.is(gpu.reasons.length, 1);
  });
}

test('a device that is silent is given up after the deadline', async (t) => {
  const model = randomModel({ rank: 6, users: 50, items: 90 });
  const job = model.prepareRanking({}, { slots: 1, windows: 1, onGpu: true });
  const gpu = pretendGpu();
  const { open, log } = pretendScreen(() => new Promise<void>(() => {}));
  const ranker = await openGpuRanker(gpu, job.layout, { slots: 1, deadline: 0.01 }, open);

  await t.throwsAsync(ranker.run(job.load(0, 0), 0), {
    message: /silent; expected an answer within 0.01 s/,
  });
  await ranker.close();

  t.regex(gpu.reasons[0]!, /within 0.01 s/);
  t.deepEqual(log, [], 'memory that it may still use is left alone');
});

test('a device that is lost rejects what is under way and writes nothing any more', async (t) => {
  const model = randomModel({ rank: 6, users: 50, items: 90 });
  const job = model.prepareRanking({}, { slots: 1, windows: 1, onGpu: true });
  const gpu = pretendGpu();
  let answer = () => {};
  const { open } = pretendScreen(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  const ranker = await openGpuRanker(gpu, job.layout, room, open);
  const run = ranker.run(job.load(0, 0), 0);

  gpu.giveUp('it was lost');

  await t.throwsAsync(run, { instanceOf: DeviceError, message: /it was lost/ });
  answer();
  await ranker.close();
  t.deepEqual(
    job.read(0, 0).filter(({ recommendations }) => recommendations.length > 0),
    [],
  );
});
