import test from 'ava';
import { BlockFailedError } from '../../actors/errors.js';
import { inProcess } from '../../actors/placements/in-process.js';
import type { Placement } from '../../actors/placements/placement.js';
import { threads } from '../../actors/placements/threads/threads.js';
import { rankedBlocks, windowsFor } from '../../actors/ranking-run.js';
import { maxAttempts } from '../../actors/supervisor/fault-policy.js';
import type { UserRecommendations } from '../../src/model/recommender.js';
import { listsOneByOne, randomModel } from '../helpers/builders/models.js';
import { activeResources, untilQuiet } from '../helpers/probes/resources.js';

/** A high rank makes many blocks of few users: 10 of 136, 3e8 products each. */
const model = randomModel({ rank: 4096, users: 1_300, items: 40 });
const options = { count: 5 };

function jobFor(placement: Placement) {
  return model.prepareRanking(options, {
    slots: placement.slots,
    windows: windowsFor(placement),
  });
}

async function listsFrom(placement: Placement): Promise<UserRecommendations[]> {
  const lists = [];
  for await (const block of rankedBlocks(jobFor(placement), placement)) lists.push(...block);
  return lists;
}

/** In-process, but the first `failures` tries of every task fail after the work. */
function failing(failures: number): Placement {
  const sound = inProcess();
  return {
    ...sound,
    async openRanking(job) {
      const place = await sound.openRanking(job);
      let tries = 0;
      return {
        ...place,
        async rank(task) {
          await place.rank(task);
          if (tries++ % (failures + 1) < failures) throw new Error('thread died');
        },
      };
    },
  };
}

test.serial('many blocks come in the order of the users on any placement', async (t) => {
  t.true(jobFor(threads(2)).blockCount > windowsFor(threads(2)));
  const expected = listsOneByOne(model, options);

  for (const placement of [inProcess(), threads(1), threads(2)]) {
    t.deepEqual(await listsFrom(placement), expected, placement.name);
  }
});

test.serial('items in several memories give the same lists on any placement', async (t) => {
  const many = randomModel({ rank: 64, users: 200, items: 6_000 });
  const expected = listsOneByOne(many, options);
  const before = activeResources();
  for (const placement of [inProcess(), threads(2)]) {
    const few = { slots: placement.slots, windows: windowsFor(placement), blockProducts: 5e6 };
    const memoryBytes = 0.6 * many.prepareRanking(options, few).layout.memory.buffer.byteLength;
    const job = () => many.prepareRanking(options, { ...few, memoryBytes });
    t.true(job().others.length > 0 && job().blockCount > 1);

    const lists = [];
    for await (const block of rankedBlocks(job(), placement)) lists.push(...block);
    t.deepEqual(lists, expected, placement.name);
    for await (const block of rankedBlocks(job(), placement)) if (block.length > 0) break;
    t.deepEqual(await untilQuiet(before), before);
  }
});

test.serial('leaving early ends the threads', async (t) => {
  const before = activeResources();

  for await (const block of rankedBlocks(jobFor(threads(2)), threads(2))) {
    t.true(block.length > 0);
    break;
  }

  t.deepEqual(await untilQuiet(before), before);
});

test('a task that fails is run again', async (t) => {
  const few = { ...options, users: [5, 3] };
  const placement = failing(maxAttempts - 1);
  const job = model.prepareRanking(few, { slots: 1, windows: 1 });
  const lists = [];

  for await (const block of rankedBlocks(job, placement)) lists.push(...block);

  t.deepEqual(lists, listsOneByOne(model, few));
});

test('a task that keeps failing ends the run with its cause', async (t) => {
  const error = await t.throwsAsync(listsFrom(failing(maxAttempts)), {
    instanceOf: BlockFailedError,
    code: 'ERR_BLOCK_FAILED',
  });

  t.is(error?.attempts, maxAttempts);
  t.like(error?.cause, { message: 'thread died' });
});
