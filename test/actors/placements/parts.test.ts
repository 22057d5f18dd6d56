import type { Worker } from 'node:worker_threads';
import test from 'ava';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { nodes } from '../../../actors/placements/nodes/nodes.js';
import type { Placement } from '../../../actors/placements/placement.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import type { PhaseReport } from '../../../actors/run-event.js';
import { SwappableExecutor } from '../../../actors/swappable-executor.js';
import { fromFile } from '../../../dataflow/sources/from-file.js';
import { synthetic } from '../../../dataflow/sources/synthetic.js';
import { MemoryLimitError, PlacementError } from '../../../src/errors.js';
import { chooseKernel } from '../../../src/kernels/select/choose-kernel.js';
import type { DescribedRatings } from '../../../src/ratings/described-ratings.js';
import type { JobOptions } from '../../../src/training/options.js';
import { createFittingJob } from '../../../src/training/parts/create-parted-job.js';
import { readPartedJob } from '../../../src/training/parts/read-parted-job.js';
import { settingsAsInPaper } from '../../helpers/builders/as-in-paper.js';
import { randomRatings, ratingsOf } from '../../helpers/builders/jobs.js';
import { ratingFile } from '../../helpers/builders/rating-files.js';
import { type RunOutcome, runToEnd } from '../../helpers/probes/runs.js';

/** A placement whose jobs are cut into parts of so many bytes. */
const inParts = (placement: Placement, partBytes: number): Placement => ({
  ...placement,
  partBytes,
});

const ratings = await firstValueFrom(synthetic({ users: 700, items: 300, density: 0.03, seed: 3 }));

/** Phases and iterations without what differs from run to run. */
const figures = ({ events }: RunOutcome) =>
  events.flatMap((event) => {
    if (event.type !== 'iteration') return [];
    const { seconds: _, broadcastBytes: __, ...rest } = event;
    return [rest];
  });

const phases = ({ events }: RunOutcome): PhaseReport[] =>
  events.filter((event) => event.type === 'phase');

/** How many parts a side was in: each would take the whole fixed side. */
const partCount = (outcome: RunOutcome, side: 'user' | 'item', stride: number): number => {
  const phase = phases(outcome).find((phase) => phase.side === side && phase.iteration > 0)!;
  const fixedRows = side === 'user' ? ratings.byItem.rowCount : ratings.byUser.rowCount;
  return phase.fullBroadcastBytes / (fixedRows * stride);
};

const explicit: JobOptions = { feedback: 'explicit', biases: true, rank: 10, alpha: 0 };
for (const [name, options, partBytes] of [
  ['conjugate gradient', {}, 115_000],
  ['iALS', { objective: 'ials', unobservedWeight: 0.1, alpha: 0 }, 115_000],
  ['Cholesky', { solver: 'cholesky' }, 80_000],
  ['subspaces', { solver: 'subspace', rank: 16, subspaceSize: 8 }, 140_000],
  ['rows without negative elements', { solver: 'cholesky', nonnegative: true }, 80_000],
  ['explicit feedback with biases', { ...explicit }, 115_000],
  ['exact explicit solves with biases', { ...explicit, solver: 'cholesky' }, 80_000],
  ['λ by the length of a row', { regularizationExponent: 1 }, 115_000],
  ['the reference', { kernel: 'reference', rank: 5 }, 80_000],
] as [string, JobOptions, number][]) {
  test(`a job in parts has the bits of a job in one: ${name}`, async (t) => {
    const all: JobOptions = { rank: 12, iterations: 5, alpha: 10, blocks: 8, ...options };

    const whole = await runToEnd(ratings, all, inProcess());
    const parted = await runToEnd(ratings, all, inParts(inProcess(), partBytes));

    t.is(whole.error, undefined);
    t.is(parted.error, undefined);
    t.true(phases(whole).every(({ broadcastBytes }) => broadcastBytes === 0));
    const rowBytes = all.kernel === 'reference' ? 5 * 8 : (all.rank! + (all.rank! % 4)) * 4;
    t.true(partCount(parted, 'user', rowBytes) >= 2, `${partCount(parted, 'user', rowBytes)}`);
    t.true(partCount(parted, 'item', rowBytes) >= 2, `${partCount(parted, 'item', rowBytes)}`);
    t.deepEqual(parted.factors, whole.factors);
    t.deepEqual(figures(parted), figures(whole));
  });
}

test('threads copy rows between parts and solve all of them, and dead ones change nothing', async (t) => {
  const options = { rank: 12, iterations: 8, alpha: 10, blocks: 8 };
  const workers: Worker[] = [];
  const collect = (worker: Worker) => workers.push(worker);
  process.on('worker', collect);
  t.teardown(() => process.off('worker', collect));
  let kills = 0;

  const whole = await runToEnd(ratings, options, inProcess());
  const parted = await runToEnd(ratings, options, inParts(threads(2), 260_000), (event) => {
    if (event.type !== 'phase' || event.iteration % 3 !== 2) return;
    kills++;
    workers.at(-1)?.terminate();
  });

  t.is(parted.error, undefined);
  t.is(kills, 6);
  t.deepEqual(parted.factors, whole.factors);
  t.deepEqual(figures(parted), figures(whole));
});

test('a part has copies of the rows that it needs and of no other', async (t) => {
  const cells: [number, number, number][] = [];
  for (let user = 0; user < 200; user++) {
    for (let item = 0; item < 3; item++) cells.push([user, 3 * Math.floor(user / 10) + item, 1]);
  }
  const communities = ratingsOf(cells, 200, 60);
  const options = { rank: 4, iterations: 1, blocks: 10, solver: 'cholesky' } as const;

  const parted = await runToEnd(communities, options, inParts(inProcess(), 11_000));

  t.is(parted.error, undefined);
  for (const { broadcastBytes, fullBroadcastBytes, iteration } of phases(parted)) {
    if (iteration === 0) continue;
    t.true(broadcastBytes > 0);
    t.true(broadcastBytes < fullBroadcastBytes);
  }
});

test('a row whose system is singular has the number that it has in the whole job', async (t) => {
  const options = { rank: 8, iterations: 2, blocks: 8, regularization: 0, unobservedWeight: 0 };
  const exact = { ...options, solver: 'cholesky' } as const;

  const whole = await runToEnd(ratings, exact, inProcess());
  const parted = await runToEnd(ratings, exact, inParts(inProcess(), 60_000));

  t.true(whole.error instanceof Error);
  t.is((parted.error as Error).message, (whole.error as Error).message);
});

test('a block that fits no part is refused with the bytes that it needs', (t) => {
  const settings = settingsAsInPaper({ rank: 12, blocks: 2 });
  const kernel = chooseKernel('auto');

  const error = t.throws(() => createFittingJob({ ratings, settings, kernel, slots: 1 }, 50_000), {
    instanceOf: MemoryLimitError,
  });

  t.is(error?.limitBytes, 50_000);
  t.true(error!.neededBytes > 50_000);
});

test('parts that the machine has no memory for are refused with the bytes of all', async (t) => {
  const settings = settingsAsInPaper({ rank: 12, blocks: 8 });
  const input = { ratings, settings, kernel: chooseKernel('auto'), slots: 1 };
  const made = createFittingJob(input, 115_000);
  const taken = made.arenas.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
  made.release();
  const before = ratings.arena.usedBytes;

  const error = t.throws(() => createFittingJob(input, 115_000, before + 100_000), {
    instanceOf: MemoryLimitError,
  });

  t.is(error?.limitBytes, before + 100_000);
  // Scratch memory is counted as for the block that needs most.
  const parts = error!.neededBytes - before;
  t.true(parts >= taken && parts < 1.4 * taken, `${parts}, ${taken}`);
  t.regex(error!.message, /this machine, or its container, has .* MiB; try nodes\(\)/);
  t.is(ratings.arena.usedBytes, before);
  t.notThrows(() => createFittingJob(input, 115_000, error!.neededBytes).release());
});

test('a job in one memory is refused where the machine has none for it', (t) => {
  const settings = settingsAsInPaper({ rank: 12, blocks: 8 });
  const input = { ratings, settings, kernel: chooseKernel('auto'), slots: 1 };
  const before = ratings.arena.usedBytes;

  const error = t.throws(() => createFittingJob(input, undefined, before), {
    instanceOf: MemoryLimitError,
  });

  t.true(error!.neededBytes > before);
  t.is(ratings.arena.usedBytes, before);
  const job = createFittingJob(input, undefined, error!.neededBytes);
  t.true(ratings.arena.usedBytes <= error!.neededBytes);
  job.release();
});

test('parts of described ratings are refused before they are read, or before rows are copied', async (t) => {
  const { path } = await ratingFile(t, 'parquet', 'numbers');
  const described = (await lastValueFrom(
    fromFile(path, { readBy: 'workers' }),
  )) as DescribedRatings;
  const settings = settingsAsInPaper({ rank: 12, blocks: 8 });
  const input = { ratings: described, settings, kernel: chooseKernel('auto'), slots: 1 };
  const refusal = (memoryBytes: number) =>
    t.throwsAsync(readPartedJob(input, 50_000, undefined, memoryBytes), {
      instanceOf: MemoryLimitError,
    });

  const early = await refusal(1);
  // As many bytes as the parts take without copies.
  const late = await refusal(early!.neededBytes);

  t.true(late!.neededBytes > early!.neededBytes);
  const job = await readPartedJob(input, 50_000, undefined, late!.neededBytes);
  t.true(job.arenas.length >= 2);
  job.release();
});

test('a job in parts moves only to where parts are taken', async (t) => {
  const settings = settingsAsInPaper({ rank: 12, blocks: 8 });
  const kernel = chooseKernel('auto');
  const job = createFittingJob({ ratings, settings, kernel, slots: 1 }, 115_000);
  const executor = new SwappableExecutor(job, () => {});
  t.teardown(() => executor.close());

  await executor.moveTo(inProcess());
  const refused = await t.throwsAsync(executor.moveTo(nodes({ servers: 'nats://127.0.0.1:1' })), {
    instanceOf: PlacementError,
  });
  t.regex(refused!.message, /in parts/);
  t.is(executor.name, 'in-process');
  await executor.moveTo(threads(1));
  t.is(executor.name, 'threads(1)');
});

test('memory of parts goes with the run', async (t) => {
  const settings = settingsAsInPaper({ rank: 12, blocks: 8 });
  const small = randomRatings({ users: 300, items: 200, density: 0.05 });
  const job = createFittingJob(
    { ratings: small, settings, kernel: chooseKernel('auto'), slots: 1 },
    60_000,
  );
  t.true(job.arenas.length >= 4);
  const before = small.arena.usedBytes;

  job.release();

  t.is(job.arenas.length, 0);
  t.is(small.arena.usedBytes, before);
});
