import type { Worker } from 'node:worker_threads';
import test from 'ava';
import { BlockFailedError } from '../../actors/errors.js';
import { inProcess } from '../../actors/placements/in-process.js';
import type { Placement } from '../../actors/placements/placement.js';
import { threads } from '../../actors/placements/threads/threads.js';
import { maxAttempts } from '../../actors/supervisor/fault-policy.js';
import { startRun } from '../../actors/training-run.js';
import { PlacementError, SingularSystemError } from '../../src/errors.js';
import type { BlockTask } from '../../src/kernels/kernel.js';
import { ratingsFromRows } from '../../src/ratings/from-rows.js';
import { randomRatings, ratingsOf } from '../helpers/builders/jobs.js';
import { activeResources, untilQuiet } from '../helpers/probes/resources.js';
import { jobFor, runToEnd } from '../helpers/probes/runs.js';

const ratings = randomRatings({ users: 120, items: 90, density: 0.2 });
const options = { rank: 16, iterations: 3, blocks: 5 };

/** In-process, but tasks fail as `fails` says: by task and by how often it was tried. */
function failing(fails: (task: BlockTask, attempt: number) => boolean): Placement {
  const sound = inProcess();
  const attempts = new Map<string, number>();
  return {
    ...sound,
    async open(job) {
      const place = await sound.open(job);
      return {
        ...place,
        async solve(task) {
          const key = JSON.stringify(task);
          const attempt = (attempts.get(key) ?? 0) + 1;
          attempts.set(key, attempt);
          const result = await place.solve(task);
          if (fails(task, attempt)) throw new Error('thread died');
          return result;
        },
      };
    },
  };
}

test('in-process, one thread and two threads give the same model to the last bit', async (t) => {
  const inOne = await runToEnd(ratings, options, inProcess());
  const onThread = await runToEnd(ratings, options, threads(1));
  const onThreads = await runToEnd(ratings, options, threads(2));

  t.truthy(inOne.factors);
  t.deepEqual(onThread.factors, inOne.factors);
  t.deepEqual(onThreads.factors, inOne.factors);
});

test.serial(
  'killing a thread in the middle of a phase changes nothing but a fault event',
  async (t) => {
    const big = randomRatings({ users: 900, items: 700, density: 0.3 });
    const long = { rank: 96, iterations: 3, blocks: 8, solver: 'cholesky' } as const;
    const undisturbed = await runToEnd(big, long, inProcess());
    const workers: Worker[] = [];
    const collect = (worker: Worker) => workers.push(worker);
    process.on('worker', collect);
    t.teardown(() => process.off('worker', collect));

    const disturbed = await runToEnd(big, long, threads(2), (event) => {
      if (event.type !== 'phase' || event.iteration > 2) return;
      // The next phase is handed out in this turn; by the next one the threads are solving.
      setImmediate(() => workers.at(-1)?.terminate());
    });

    const faults = disturbed.events.filter((event) => event.type === 'fault');
    t.true(faults.length > 0);
    t.true(faults.every((fault) => fault.action === 'solve-again'));
    t.is(disturbed.error, undefined);
    t.deepEqual(disturbed.factors, undisturbed.factors);
  },
);

test('a block that fails is solved again from the same generation', async (t) => {
  const sound = await runToEnd(ratings, options, inProcess());
  const outcome = await runToEnd(
    ratings,
    options,
    failing(
      ({ kind, block, iteration }, attempt) =>
        kind === 'solve' && block === 2 && iteration === 2 && attempt === 1,
    ),
  );

  t.deepEqual(outcome.factors, sound.factors);
  t.deepEqual(
    outcome.events.filter((event) => event.type === 'fault'),
    (['user', 'item'] as const).map((side) => ({
      type: 'fault' as const,
      component: 'block' as const,
      iteration: 2,
      side,
      block: 2,
      attempts: 1,
      message: 'thread died',
      action: 'solve-again' as const,
    })),
  );
});

test('a block that always fails ends the run, naming the block and the cause', async (t) => {
  const outcome = await runToEnd(
    ratings,
    options,
    failing(({ side, block }) => side === 'item' && block === 3),
  );

  t.is(outcome.factors, undefined);
  t.true(outcome.error instanceof BlockFailedError);
  const error = outcome.error as BlockFailedError;
  t.like(error, { code: 'ERR_BLOCK_FAILED', side: 'item', block: 3, attempts: maxAttempts });
  t.is((error.cause as Error).message, 'thread died');
  t.is(outcome.events.filter((event) => event.type === 'fault').length, maxAttempts);
});

test('impossible arithmetic ends the run at once', async (t) => {
  const singular = ratingsOf(
    [
      [0, 0, 1],
      [0, 1, 1],
      [1, 0, 1],
      [1, 1, 1],
    ],
    2,
    2,
  );
  const outcome = await runToEnd(
    singular,
    { rank: 4, solver: 'cholesky', regularization: 0 },
    inProcess(),
  );

  t.true(outcome.error instanceof BlockFailedError);
  t.is((outcome.error as BlockFailedError).attempts, 1);
  t.true((outcome.error as BlockFailedError).cause instanceof SingularSystemError);
});

test('the error of a singular system names the id of its row', async (t) => {
  // Rows inside go by falling count: ann and bob are rows 1 and 0.
  const singular = ratingsFromRows([
    { user: 'ann', item: 'tea' },
    { user: 'bob', item: 'tea' },
    { user: 'bob', item: 'jam' },
  ]);
  const outcome = await runToEnd(
    singular,
    { rank: 4, solver: 'cholesky', regularization: 0 },
    inProcess(),
  );

  const cause = (outcome.error as BlockFailedError).cause as SingularSystemError;
  t.like(cause, { code: 'ERR_SINGULAR_SYSTEM', side: 'user', row: 0, id: 'bob' });
  t.regex((outcome.error as BlockFailedError).message, /user "bob"/);
});

test('a placement that does not open ends the run and releases its memory', async (t) => {
  const own = randomRatings({ users: 9, items: 9, density: 0.5 });
  const before = own.arena.usedBytes;
  const refuse = async () => {
    throw new PlacementError('no place');
  };
  const nowhere = { name: 'nowhere', slots: 1, open: refuse, openRanking: refuse };

  const outcome = await runToEnd(own, options, nowhere);

  t.true(outcome.error instanceof PlacementError);
  t.is(own.arena.usedBytes, before);
});

test('every phase reports its blocks in order, with all rows and ratings', async (t) => {
  const { events } = await runToEnd(ratings, options, threads(2));

  const phases = events.filter((event) => event.type === 'phase');
  t.deepEqual(
    phases.map(({ iteration, side }) => `${iteration} ${side}`),
    ['1 user', '1 item', '2 user', '2 item', '3 user', '3 item'],
  );
  for (const { side, blocks } of phases) {
    t.deepEqual(
      blocks.map(({ block }) => block),
      [0, 1, 2, 3, 4],
    );
    t.is(sum(blocks.map(({ rows }) => rows)), side === 'user' ? 120 : 90);
    t.is(sum(blocks.map((block) => block.ratings)), ratings.byUser.columns.length);
  }
});

for (const place of [inProcess, () => threads(2)]) {
  test.serial(
    `stopping ${place().name} at any event ends the run and leaves nothing`,
    async (t) => {
      const before = activeResources();
      for (const stopAfter of [0, 1, 2, 5]) {
        const placement = place();
        const own = randomRatings({ users: 60, items: 50, density: 0.3 });
        const used = own.arena.usedBytes;
        const job = jobFor(own, { ...options, iterations: 100_000 }, placement);
        let events = 0;
        await new Promise<void>((resolve) => {
          const seen = () => {
            if (events++ === stopAfter) void run.stop().then(resolve);
          };
          const run = startRun(job, placement, {
            next: seen,
            complete: () => t.fail('completed although stopped'),
            error: () => t.fail('failed although stopped'),
          });
        });
        const eventsAtStop = events;

        t.deepEqual(await untilQuiet(before), before);
        t.is(events, eventsAtStop);
        t.is(own.arena.usedBytes, used);
      }
    },
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
