import test from 'ava';
import type { JobExecutor, Placement } from '../../../actors/placements/placement.js';
import { SingularSystemError, StoppedError } from '../../../src/errors.js';
import { chooseKernel } from '../../../src/kernels/select/choose-kernel.js';
import { PhaseReducer } from '../../../src/training/phase-reducer.js';
import { phasesOf, tasksOf } from '../../../src/training/phases.js';
import { runInPlace } from '../../../src/training/run-in-place.js';
import { factorsOf, openJob, randomRatings, ratingsOf } from '../builders/jobs.js';
import { listsOneByOne, randomModel } from '../builders/models.js';
import { activeResources, untilQuiet } from '../probes/resources.js';
import { jobFor } from '../probes/runs.js';

/** The contract of a placement that trains. Every implementation runs it. */
export function placementSuite(place: () => Placement): void {
  const { name } = place();
  const options = { rank: 12, iterations: 2, blocks: 7 };

  test.serial(`${name}: computes what the bare loop computes, to the last bit`, async (t) => {
    const ratings = randomRatings({ users: 80, items: 60, density: 0.2 });
    const started = { ...options, start: 'sketch' } as const;
    const bare = openJob(chooseKernel('auto'), ratings, started);
    const expected = runInPlace(bare.job, bare.solver);
    const placement = place();
    const job = jobFor(ratings, started, placement);
    const placed = await placement.open(job.layout);
    t.teardown(() => placed.close());

    const reducer = new PhaseReducer(job);
    const reports = [];
    for (const phase of phasesOf(job, options.iterations)) {
      await placed.broadcast(phase);
      const results = await Promise.all(
        tasksOf(job.layout, phase).map((task) => placed.solve(task)),
      );
      t.true(results.every(({ ranOn, seconds }) => ranOn.length > 0 && seconds >= 0));
      const report = reducer.close(
        phase,
        results.map(({ sums }) => sums),
      );
      if (report) reports.push(report);
    }

    t.deepEqual(reports, expected);
    t.deepEqual(factorsOf(job, 'user', 2), factorsOf(bare.job, 'user', 2));
    t.deepEqual(factorsOf(job, 'item', 2), factorsOf(bare.job, 'item', 2));
  });

  test.serial(
    `${name}: an error of the arithmetic arrives with its class and fields`,
    async (t) => {
      const ratings = ratingsOf(
        [
          [0, 0, 1],
          [0, 1, 1],
          [1, 0, 1],
          [1, 1, 1],
        ],
        2,
        2,
      );
      const placement = place();
      const singular = { rank: 4, solver: 'cholesky', regularization: 0 } as const;
      const job = jobFor(ratings, singular, placement);
      const placed = await placement.open(job.layout);
      t.teardown(() => placed.close());

      const error = await t.throwsAsync(
        placed.solve({ kind: 'solve', iteration: 1, side: 'user', block: 0 }),
        { instanceOf: SingularSystemError, code: 'ERR_SINGULAR_SYSTEM' },
      );

      t.is(error?.side, 'user');
    },
  );

  test.serial(`${name}: closing ends every task and leaves nothing behind`, async (t) => {
    const before = activeResources();
    const placement = place();
    const ratings = randomRatings({ users: 60, items: 50, density: 0.5 });
    const job = jobFor(ratings, options, placement);
    const placed: JobExecutor = await placement.open(job.layout);
    const outcomes = Promise.allSettled(
      Array.from({ length: 50 }, () =>
        placed.solve({ kind: 'solve', iteration: 1, side: 'user', block: 0 }),
      ),
    );

    await placed.close();

    const settled = await outcomes;
    t.true(settled.some(({ status }) => status === 'rejected'));
    await t.throwsAsync(placed.solve({ kind: 'gram', iteration: 0, side: 'user', block: 0 }));
    t.deepEqual(await untilQuiet(before), before);
  });

  test.serial(`${name}: closing twice is closing once`, async (t) => {
    const placement = place();
    const job = jobFor(randomRatings({ users: 9, items: 9, density: 0.5 }), options, placement);
    const placed = await placement.open(job.layout);

    await placed.close();
    await t.notThrowsAsync(placed.close());
  });
}

/** The contract of a placement that ranks. */
export function rankingSuite(place: () => Placement): void {
  const { name } = place();

  test.serial(`${name}: ranks as the plain definition does, to the last bit`, async (t) => {
    const model = randomModel({ rank: 12, users: 300, items: 200 });
    const placement = place();
    const job = model.prepareRanking({}, { slots: placement.slots, windows: 1 });
    const placed = await placement.openRanking(job.layout);
    t.teardown(() => placed.close());

    t.is(job.blockCount, 1);
    await placed.rank(job.load(0, 0));

    t.deepEqual(job.read(0, 0), listsOneByOne(model));
  });

  test.serial(`${name}: a ranking that is stopped rejects, and leaves nothing`, async (t) => {
    const before = activeResources();
    const placement = place();
    const job = randomModel({ rank: 4, users: 9, items: 9 }).prepareRanking(
      {},
      { slots: placement.slots, windows: 1 },
    );
    const placed = await placement.openRanking(job.layout);

    job.stop();
    await t.throwsAsync(placed.rank(job.load(0, 0)), { instanceOf: StoppedError });
    await placed.close();

    await t.throwsAsync(placed.rank(job.load(0, 0)));
    t.deepEqual(await untilQuiet(before), before);
  });
}
