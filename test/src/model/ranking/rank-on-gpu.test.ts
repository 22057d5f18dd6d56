import test from 'ava';
import { DeviceError, InvalidOptionError, KernelUnavailableError } from '../../../../src/errors.js';
import { openGpuRanker } from '../../../../src/kernels/gpu/ranking/gpu-ranker.js';
import type { RankingLayout } from '../../../../src/kernels/wasm/ranking.js';
import { gpuSlots, rankOnGpu } from '../../../../src/model/ranking/rank-on-gpu.js';
import type { RankingFault, UserRecommendations } from '../../../../src/model/recommender.js';
import { inSeveralMemories } from '../../../helpers/builders/in-several-memories.js';
import { listsOneByOne, randomModel } from '../../../helpers/builders/models.js';
import { testOnGpu } from '../../../helpers/builders/software-gpu.js';
import { type Mischief, pretendGpu, pretendScreen } from '../../../helpers/fakes/pretend-screen.js';

const model = randomModel({ rank: 8, users: 500, items: 40 });
const options = { count: 5 };
/** Blocks of 64 users. */
const room = { slots: 1, windows: gpuSlots, onGpu: true, blockProducts: 3e5 };
const jobHere = () => model.prepareRanking(options, room);

async function listed(lists: AsyncIterable<UserRecommendations>): Promise<UserRecommendations[]> {
  const all = [];
  for await (const list of lists) all.push(list);
  return all;
}

const pretended = (mischief?: Mischief) => (layout: RankingLayout) =>
  openGpuRanker(
    pretendGpu(),
    layout,
    { slots: gpuSlots, deadline: 60 },
    pretendScreen(mischief).open,
  );

test('blocks come in the order of the users', async (t) => {
  t.true(jobHere().blockCount > gpuSlots);

  const lists = await listed(rankOnGpu(jobHere(), {}, pretended()));

  t.deepEqual(lists, listsOneByOne(model, options));
});

test('a device that fails half-way is reported once, and no list is wrong', async (t) => {
  const faults: RankingFault[] = [];
  const onFault = (fault: RankingFault) => faults.push(fault);
  const fails: Mischief = (_, batch) => {
    if (batch >= 1) throw new TypeError('no such buffer');
  };

  const lists = await listed(rankOnGpu(jobHere(), { onFault }, pretended(fails)));

  t.deepEqual(lists, listsOneByOne(model, options));
  t.deepEqual(faults, [{ message: 'pretended device failed: no such buffer', action: 'use-wasm' }]);
});

/** 2,000 items in several memories of a GPU's job. */
const large = randomModel({ rank: 16, users: 200, items: 2000 });
const several = () => {
  const job = inSeveralMemories(large, options, { ...room, blockProducts: 3e6 });
  if (job.others.length === 0) throw new Error('all items fit one memory');
  return job;
};

test('items in several memories give the same lists on a device', async (t) => {
  const faults: RankingFault[] = [];
  const onFault = (fault: RankingFault) => faults.push(fault);

  const lists = await listed(rankOnGpu(several(), { onFault }, pretended()));

  t.deepEqual(lists, listsOneByOne(large, options));
  t.deepEqual(faults, []);
});

test('a device that fails with several memories is reported once, and no list is wrong', async (t) => {
  const faults: RankingFault[] = [];
  const onFault = (fault: RankingFault) => faults.push(fault);
  const fails: Mischief = () => {
    throw new TypeError('no such buffer');
  };

  const lists = await listed(rankOnGpu(several(), { onFault }, pretended(fails)));

  t.deepEqual(lists, listsOneByOne(large, options));
  t.is(faults.length, 1);
});

testOnGpu('a GPU makes the lists of items in several memories', async (t) => {
  const faults: RankingFault[] = [];
  const onFault = (fault: RankingFault) => faults.push(fault);

  const lists = await listed(rankOnGpu(several(), { gpu: { software: true }, onFault }));

  t.deepEqual(lists, listsOneByOne(large, options));
  t.deepEqual(faults, []);
});

test('the processor runs a job that the device refuses', async (t) => {
  const faults: RankingFault[] = [];
  const few = { ...options, users: [5, 3] };
  const job = model.prepareRanking(few, room);
  const refuses = async () => {
    throw new DeviceError('too many items');
  };

  const lists = await listed(rankOnGpu(job, { onFault: (fault) => faults.push(fault) }, refuses));

  t.deepEqual(lists, listsOneByOne(model, few));
  t.is(faults.length, 1);
});

test('a GPU that is not there, and other errors, are errors', async (t) => {
  const fails = async () => {
    throw new KernelUnavailableError('no GPU');
  };

  await t.throwsAsync(listed(rankOnGpu(jobHere(), {}, fails)), { message: 'no GPU' });
});

test('lists that are too long for a GPU, and unknown options, are refused', async (t) => {
  await t.throwsAsync(listed(model.recommendAllOnGpu({ gpu: { soft: true } as never })), {
    instanceOf: InvalidOptionError,
    message: /gpu.soft/,
  });
  await t.throwsAsync(listed(model.recommendAllOnGpu({ count: 2049 })), {
    instanceOf: InvalidOptionError,
    message: /at most 2048/,
  });
});

for (const program of ['wgsl', 'gpu.js'] as const) {
  testOnGpu(`a model makes its lists on a GPU as it does without, with ${program}`, async (t) => {
    const small = randomModel({ rank: 20, users: 300, items: 200, biases: true });
    const filter = { count: 7, users: [7, 2, 7], deny: [3] };
    const gpu = { software: true, program };

    t.deepEqual(await listed(small.recommendAllOnGpu({ gpu })), listsOneByOne(small));
    t.deepEqual(await listed(small.recommendAllOnGpu({ ...filter, gpu })), [
      ...small.recommendAll(filter),
    ]);
  });
}
