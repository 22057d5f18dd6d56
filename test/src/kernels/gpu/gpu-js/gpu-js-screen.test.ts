import test from 'ava';
import fc from 'fast-check';
import { DeviceError } from '../../../../../src/errors.js';
import type { Gpu } from '../../../../../src/kernels/gpu/device/gpu.js';
import {
  GpuJsScreen,
  openGpuJsScreen,
} from '../../../../../src/kernels/gpu/gpu-js/gpu-js-screen.js';
import { processorBackend } from '../../../../../src/kernels/gpu/gpu-js/processor-backend.js';
import type { openScreen } from '../../../../../src/kernels/gpu/ranking/screen.js';
import { anyFilter, anyShape } from '../../../../helpers/builders/any-model.js';
import { listsOneByOne, randomModel } from '../../../../helpers/builders/models.js';
import { anyGpu, testOnGpu } from '../../../../helpers/builders/software-gpu.js';
import { pretendGpu } from '../../../../helpers/fakes/pretend-screen.js';
import { listsOn } from '../../../../helpers/probes/lists-on-gpu.js';

const onProcessor: typeof openScreen = async (_gpu, shape) =>
  new GpuJsScreen(await processorBackend(), shape);

const places: [string, typeof test.serial, () => Gpu, typeof openScreen][] = [
  ['JavaScript', test.serial, pretendGpu, onProcessor],
  ['a device', testOnGpu, () => anyGpu!, openGpuJsScreen],
];
for (const [place, testThere, gpu, open] of places) {
  testThere(`gpu.js on ${place} ranks as the definition, to the last bit and tie`, async (t) => {
    await fc.assert(
      fc.asyncProperty(anyShape(70), anyFilter, async (shape, options) => {
        const model = randomModel(shape);

        t.deepEqual(await listsOn(gpu(), model, options, open), listsOneByOne(model, options));
      }),
      { seed: 1, numRuns: 25 },
    );
  });

  testThere(`gpu.js on ${place} ranks many users and items`, async (t) => {
    const model = randomModel({ rank: 8, users: 300, items: 2000, distinctItems: 1500 });

    t.deepEqual(await listsOn(gpu(), model, {}, open), listsOneByOne(model));
  });
}

test('a screen keeps hardly more than the lists', async (t) => {
  const [rank, count, capacity] = [16, 20, 100];
  const { itemFactors: rows } = randomModel({ rank, users: 1, items: 1000 });
  const { userFactors } = randomModel({ rank, users: 50, items: 1 });
  const items = { rows, rank, count: 1000 };
  const shape = { items, count, capacity, users: 50, ratings: 0, slots: 1 };
  const screen = new GpuJsScreen(await processorBackend(), shape);

  const keptItems = await screen.run({
    users: { rows: userFactors, rank, count: 50 },
    slacks: new Float32Array(50).fill(1e-5),
    seenOffsets: new Uint32Array(51),
    seenItems: new Uint32Array(0),
  });

  const lengths = Array.from({ length: 50 }, (_, user) => keptItems[user * (capacity + 1)]!);
  t.true(lengths.every((length) => length >= count && length < 1.5 * count));
});

test('more ratings than gpu.js counts are refused with the numbers', async (t) => {
  const backend = await processorBackend();
  const items = { rows: new Float32Array(4), rank: 2, count: 2 };
  const shape = { items, count: 1, capacity: 4, users: 1, ratings: 2 ** 24 + 1, slots: 1 };

  t.throws(() => new GpuJsScreen(backend, shape), {
    instanceOf: DeviceError,
    message: /found 2 items and up to 16777217 ratings .* at most 16777216/,
  });
});
