import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { inProcess } from '../../../../actors/placements/in-process.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import type { Placement } from '../../../../actors/placements/placement.js';
import { startRun } from '../../../../actors/training-run.js';
import { InvalidOptionError, PlacementError } from '../../../../src/errors.js';
import { chooseKernel } from '../../../../src/kernels/select/choose-kernel.js';
import type { IterationMetrics } from '../../../../src/training/iteration-metrics.js';
import { createJob, type WholeJob } from '../../../../src/training/job.js';
import type { JobOptions } from '../../../../src/training/options.js';
import { PhaseReducer } from '../../../../src/training/phase-reducer.js';
import { phasesOf, tasksOf } from '../../../../src/training/phases.js';
import { runInPlace } from '../../../../src/training/run-in-place.js';
import { settingsAsInPaper } from '../../../helpers/builders/as-in-paper.js';
import { factorsOf, openJob, randomRatings, withhold } from '../../../helpers/builders/jobs.js';
import { atTask } from '../../../helpers/fakes/at-task.js';
import { runToEnd } from '../../../helpers/probes/runs.js';
import {
  hasNatsServer,
  natsServer,
  natsTest,
  workerHere,
  workerProcess,
} from '../../../helpers/programs/nats.js';
import { placementSuite } from '../../../helpers/suites/placement-suite.js';

let servers = 'nats://127.0.0.1:4222';

if (hasNatsServer) {
  const cleanups: (() => unknown)[] = [];
  const context = { teardown: (cleanup: () => unknown) => void cleanups.push(cleanup) };
  test.before(async () => {
    const server = await natsServer(context);
    servers = server.url;
    await workerProcess(context, servers, 'alpha');
    await workerProcess(context, servers, 'beta');
  });
  test.after.always(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });
  placementSuite(() => nodes({ servers, workers: 2 }));
}

type CpuJobOptions = JobOptions & { readonly kernel?: 'reference' };

const ratings = randomRatings({ users: 90, items: 60, density: 0.2 });

for (const [what, options] of Object.entries({
  'conjugate gradient': {},
  cholesky: { solver: 'cholesky' },
  subspaces: { solver: 'subspace', subspaceSize: 8 },
  biases: { feedback: 'explicit', solver: 'cholesky', regularization: 0.1 },
  'the reference kernel': { kernel: 'reference' },
} satisfies Record<string, CpuJobOptions>)) {
  natsTest(`two nodes agree with the bare loop to the last bit: ${what}`, async (t) => {
    const started: CpuJobOptions = { rank: 10, iterations: 3, blocks: 5, start: 'sketch' };
    const settings = { ...started, ...options };
    const heldOut = withhold(ratings, [
      [0, 1, 3],
      [0, 7, 1],
      [40, 2, 5],
    ]);
    const kernel = chooseKernel(settings.kernel ?? 'auto');
    const bare = openJob(kernel, ratings, settings, { heldOut });
    const expected = runInPlace(bare.job, bare.solver);
    const job = createJob({
      ...{ ratings, heldOut, kernel, slots: 1 },
      settings: settingsAsInPaper(settings),
    });

    const reports = await runPlaced(t, job, nodes({ servers, workers: 2 }));

    t.deepEqual(reports, expected);
    t.deepEqual(factorsOf(job, 'user', 3), factorsOf(bare.job, 'user', 3));
    t.deepEqual(factorsOf(job, 'item', 3), factorsOf(bare.job, 'item', 3));
  });
}

natsTest('a phase tells how many bytes it sent, and where its blocks ran', async (t) => {
  const options: JobOptions = { rank: 8, iterations: 2, blocks: 4, kernel: 'reference' };

  const { events, error } = await runToEnd(
    ratings,
    options,
    nodes({ servers, workers: 2, lostAfter: 30 }),
  );

  t.is(error, undefined);
  const phases = events.filter((event) => event.type === 'phase');
  const places = new Set(
    phases.flatMap(({ blocks }) => blocks.map(({ ranOn }) => ranOn.split(',')[0])),
  );
  t.deepEqual([...places].sort(), ['alpha', 'beta']);
  // Float64 rows of the fixed side, each to the node that has not solved it, and its Gram matrix.
  t.true(phases[1]!.broadcastBytes >= 8 * (90 * 8 + 2 * 8 * 8));
  t.true(phases[2]!.broadcastBytes >= 8 * (60 * 8 + 2 * 8 * 8));
  // A block that moves takes its rows with it.
  t.true(phases[1]!.broadcastBytes < phases[1]!.fullBroadcastBytes);
  // All of it to two nodes.
  t.is(phases[1]!.fullBroadcastBytes, 2 * 8 * (90 * 8 + 8 * 8));
  t.is(phases[2]!.fullBroadcastBytes, 2 * 8 * (60 * 8 + 8 * 8));
});

natsTest('a node that leaves hands its blocks back at once', async (t) => {
  const server = await natsServer(t);
  const leaver = await workerProcess(t, server.url, 'leaver');
  await workerProcess(t, server.url, 'stayer');
  const options: JobOptions = { rank: 8, iterations: 4, blocks: 4 };
  const undisturbed = await runToEnd(ratings, options, inProcess());

  const outcome = await runToEnd(
    ratings,
    options,
    atTask(
      nodes({ servers: server.url, workers: 2 }),
      { kind: 'solve', iteration: 2, side: 'item', block: 0 },
      () => {
        leaver.kill('SIGTERM');
      },
    ),
  );

  t.is(outcome.error, undefined);
  t.deepEqual(outcome.factors, undisturbed.factors);
  if (leaver.exitCode === null) await once(leaver, 'exit');
  t.is(leaver.exitCode, 0);
});

natsTest('a job whose nodes are all gone ends when none comes in time', async (t) => {
  const server = await natsServer(t);
  const only = await workerProcess(t, server.url, 'only');
  const options: JobOptions = { rank: 4, iterations: 3, blocks: 2 };

  const { error } = await runToEnd(
    ratings,
    options,
    atTask(
      nodes({ servers: server.url, deadline: 5, lostAfter: 1 }),
      { kind: 'solve', iteration: 1, side: 'item', block: 0 },
      () => {
        only.kill('SIGKILL');
      },
    ),
  );

  const cause = error instanceof PlacementError ? error : (error as Error).cause;
  t.true(cause instanceof PlacementError, String(error));
});

natsTest('a job for which too few come tells who is there', async (t) => {
  const job = jobOf({ rank: 4 });

  const error = await t.throwsAsync(nodes({ servers, workers: 3, deadline: 3 }).open(job.layout), {
    instanceOf: PlacementError,
    code: 'ERR_PLACEMENT',
  });

  t.regex(error!.message, /alpha \(1 threads?\)/);
  t.regex(error!.message, /expected 3 workers/);
});

natsTest('a run that waits for workers can be stopped', async (t) => {
  const usedBefore = ratings.arena.usedBytes;
  const job = jobOf({ rank: 4 });
  const run = startRun(job, nodes({ servers, workers: 9 }), {
    next: () => t.fail(),
    complete: () => t.fail(),
    error: () => {},
  });

  await run.stop();

  t.is(job.ratings.arena.usedBytes, usedBefore);
});

natsTest('a worker takes only jobs that it is meant for', async (t) => {
  const server = await natsServer(t);
  await workerHere(t, { servers: server.url, name: 'picky', job: 'nightly' });
  const job = jobOf({ rank: 4 });

  const error = await t.throwsAsync(nodes({ servers: server.url, deadline: 3 }).open(job.layout), {
    instanceOf: PlacementError,
  });
  const placed = await nodes({ servers: server.url, job: 'nightly' }).open(job.layout);
  await placed.close();

  t.regex(error!.message, /picky \(takes jobs like nightly\)/);
});

for (const [what, options] of Object.entries({
  'no server': {},
  'no worker': { servers, workers: 0 },
  'a part of a thread': { servers, threads: 1.5 },
  'an unknown option': { servers, nodes: 2 },
  'a user without a password': { servers, user: 'ann' },
  'a token and a user': { servers, token: 't', user: 'ann', password: 'p' },
  'no time': { servers, deadline: 0 },
})) {
  test(`nodes() with ${what} is refused`, (t) => {
    t.throws(() => nodes(options as never), {
      instanceOf: InvalidOptionError,
      code: 'ERR_INVALID_OPTION',
    });
  });
}

function jobOf(options: JobOptions): WholeJob {
  const kernel = chooseKernel('auto');
  return createJob({ ratings, kernel, settings: settingsAsInPaper(options), slots: 1 });
}

/** Takes a job through its phases as a supervisor does, without one. */
async function runPlaced(
  t: ExecutionContext,
  job: WholeJob,
  placement: Placement,
): Promise<IterationMetrics[]> {
  const placed = await placement.open(job.layout);
  t.teardown(() => placed.close());
  const reducer = new PhaseReducer(job);
  const reports = [];
  for (const phase of phasesOf(job)) {
    await placed.broadcast(phase);
    const results = await Promise.all(tasksOf(job.layout, phase).map((task) => placed.solve(task)));
    const report = reducer.close(
      phase,
      results.map(({ sums }) => sums),
    );
    if (report) reports.push(report);
  }
  await placed.close();
  return reports;
}
