import test from 'ava';
import { gpuRankingPlacement } from '../../../../actors/placements/gpu/ranking-on-gpu.js';
import { inProcess } from '../../../../actors/placements/in-process.js';
import { threads } from '../../../../actors/placements/threads/threads.js';
import { rankedBlocks, windowsFor } from '../../../../actors/ranking-run.js';
import { DeviceError, KernelUnavailableError } from '../../../../src/errors.js';
import { openGpuRanker } from '../../../../src/kernels/gpu/ranking/gpu-ranker.js';
import type { RankingLayout } from '../../../../src/kernels/wasm/ranking.js';
import { gpuSlots, type openRankerOnGpu } from '../../../../src/model/ranking/rank-on-gpu.js';
import type { RankingFault, UserRecommendations } from '../../../../src/model/recommender.js';
import { listsOneByOne, randomModel } from '../../../helpers/builders/models.js';
import { type Mischief, pretendGpu, pretendScreen } from '../../../helpers/fakes/pretend-screen.js';
import { activeResources, untilQuiet } from '../../../helpers/probes/resources.js';

const model = randomModel({ rank: 8, users: 1000, items: 40 });
const options = { count: 5 };

const pretended = (mischief?: Mischief) => (layout: RankingLayout) =>
  openGpuRanker(
    pretendGpu(),
    layout,
    { slots: gpuSlots, deadline: 60 },
    pretendScreen(mischief).open,
  );

/** All lists, and the faults on the way. */
async function listsOn(open: typeof openRankerOnGpu, elsewhere = inProcess()) {
  const faults: RankingFault[] = [];
  const placement = gpuRankingPlacement(
    elsewhere,
    { onFault: (fault) => faults.push(fault) },
    open,
  );
  const windows = windowsFor(placement);
  const room = { slots: placement.slots, windows, onGpu: true, blockProducts: 3e5 };
  const job = model.prepareRanking(options, room);
  if (job.blockCount <= windows) throw new Error('too few blocks to wait for a window');
  const lists: UserRecommendations[] = [];
  for await (const block of rankedBlocks(job, placement)) lists.push(...block);
  return { lists, faults };
}

test.serial('the lists of a device are those of the processor', async (t) => {
  const { lists, faults } = await listsOn(pretended());

  t.deepEqual(lists, listsOneByOne(model, options));
  t.deepEqual(faults, []);
});

test.serial('when a device fails, threads make the lists that are left', async (t) => {
  const before = activeResources();
  const fails: Mischief = (_, batch) => {
    if (batch >= 1) throw new TypeError('no such buffer');
  };

  const { lists, faults } = await listsOn(pretended(fails), threads(2));

  t.deepEqual(lists, listsOneByOne(model, options));
  t.is(faults.length, 1);
  t.deepEqual(await untilQuiet(before), before);
});

test.serial('a device that does not take the job leaves it to the placement', async (t) => {
  const refuses = async () => {
    throw new DeviceError('too many items');
  };

  const { lists, faults } = await listsOn(refuses);

  t.deepEqual(lists, listsOneByOne(model, options));
  t.deepEqual(faults, [{ message: 'too many items', action: 'use-wasm' }]);
});

test.serial('a GPU that is not there is an error', async (t) => {
  const fails = async () => {
    throw new KernelUnavailableError('no GPU');
  };

  await t.throwsAsync(listsOn(fails), { instanceOf: KernelUnavailableError, message: 'no GPU' });
});
