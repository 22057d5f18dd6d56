import { availableParallelism, cpus, totalmem } from 'node:os';
import { firstValueFrom, of, tap } from 'rxjs';
import { inProcess } from '../../actors/placements/in-process.js';
import type { Placement } from '../../actors/placements/placement.js';
import { threads } from '../../actors/placements/threads/threads.js';
import { fitSeconds, type MeasuredTask } from '../../actors/planning/fit-seconds.js';
import {
  type MachineFigures,
  type MeasuredSpread,
  type RoadFigures,
  spreadOf,
} from '../../actors/planning/machine-figures.js';
import { fromSql } from '../../dataflow/sources/from-sql.js';
import { train } from '../../dataflow/training/train.js';
import type { Solver } from '../kernels/kernel-names.js';
import { chooseKernel } from '../kernels/select/choose-kernel.js';
import type { Ratings } from '../ratings/ratings.js';
import { syntheticRatings } from '../ratings/synthetic-ratings.js';
import { unlessStopped } from './unless-stopped.js';

/** Long rows, short rows, many rows that no cache holds. */
const shapes = [
  { users: 500, items: 2_500, count: 50_000 },
  { users: 3_000, items: 1_500, count: 300_000 },
  { users: 30_000, items: 8_000, count: 300_000 },
  { users: 25_000, items: 4_000, count: 1_200_000 },
] as const;

/** What each solver is timed with: those that do more for a row, on less. */
const cases: readonly {
  readonly solver: Solver;
  readonly ranks: readonly number[];
  readonly shapes: readonly (typeof shapes)[number][];
}[] = [
  { solver: 'cg', ranks: [16, 48, 96, 192, 288], shapes },
  { solver: 'cholesky', ranks: [16, 48, 96], shapes: shapes.slice(0, 3) },
  { solver: 'subspace', ranks: [32, 96, 224], shapes: shapes.slice(0, 3) },
];

const cgSteps = 2;
const subspaceSize = 32;
/** The first one compiles and touches memory, and does not count. */
const iterations = 3;

/** A run's tasks, and the time around them. */
interface Observed {
  readonly tasks: readonly MeasuredTask[];
  /** Seconds of each iteration in which no task ran, if there is one thread. */
  readonly idleSeconds: readonly number[];
}

/** The options of `calibrate`. */
export interface CalibrationOptions {
  /** Figures of the way between nodes, where they were measured; else those that are known. */
  readonly road: RoadFigures;
  readonly stopped: AbortSignal;
  /** Called before each part. */
  readonly onPart: (part: string) => void;
}

/** Measures this machine: about a minute. Other programs should rest. */
export async function calibrate(options: CalibrationOptions): Promise<MachineFigures> {
  const { road, stopped, onPart } = options;
  const cores = availableParallelism();
  const ratings = shapes.map((shape) => syntheticRatings({ ...shape, seed: 11 }));
  const solve: Partial<MachineFigures['solve']> = {};
  for (const each of cases) {
    const tasks: MeasuredTask[] = [];
    for (const rank of each.ranks) {
      onPart(`${each.solver} at rank ${rank}`);
      for (const shape of each.shapes) {
        const of = ratings[shapes.indexOf(shape)]!;
        const run = { solver: each.solver, rank, placement: inProcess(), stopped };
        tasks.push(...(await observe(of, run)).tasks);
      }
    }
    Object.assign(solve, { [each.solver]: fitSeconds(tasks) });
  }
  onPart(`${cores} threads`);
  const [few, many] = [
    await observe(ratings[0]!, { rank: 8, blocks: 1, placement: inProcess(), stopped }),
    await observe(ratings[0]!, { rank: 8, blocks: 64, placement: inProcess(), stopped }),
  ];
  // An iteration has two phases, and two tasks for each block of a side.
  const taskSeconds = spreadOf(many.idleSeconds.map((seconds) => seconds / 128));
  const phaseSeconds = spreadOf(
    few.idleSeconds.map((seconds) => Math.max(0, seconds / 2 - taskSeconds.median)),
  );
  const slowdown = await measureSlowdown(ratings[1]!, cores, stopped);
  onPart('memory and DuckDB');
  return {
    format: 1,
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      node: process.versions.node,
      kernel: chooseKernel('auto').name,
    },
    // Every solver has a case.
    solve: solve as MachineFigures['solve'],
    ...{ slowdown, phaseSeconds, taskSeconds },
    copyBytesPerSecond: measureCopies(),
    readRatingsPerSecond: await measureReading(stopped),
    road,
  };
}

/** How much longer tasks take with every core at work. */
async function measureSlowdown(ratings: Ratings, cores: number, stopped: AbortSignal) {
  if (cores === 1) return 1;
  const seconds = async (placement: Placement) => {
    const { tasks } = await observe(ratings, { rank: 64, placement, blocks: 16, stopped });
    return tasks.reduce((sum, task) => sum + task.seconds, 0);
  };
  const alone: number[] = [];
  const together: number[] = [];
  for (let round = 0; round < 3; round++) {
    alone.push(await seconds(threads(1)));
    together.push(await seconds(threads(cores)));
  }
  return Math.max(1, spreadOf(together).median / spreadOf(alone).median);
}

async function observe(
  ratings: Ratings,
  run: {
    readonly rank: number;
    readonly solver?: Solver;
    readonly blocks?: number;
    readonly placement: Placement;
    readonly stopped: AbortSignal;
  },
): Promise<Observed> {
  const { rank, solver = 'cg', blocks, placement, stopped } = run;
  const sizes = { user: ratings.byUser.rowCount, item: ratings.byItem.rowCount };
  const tasks: MeasuredTask[] = [];
  const idleSeconds: number[] = [];
  let busy = 0;
  const job = { rank, solver, iterations, placement, alpha: 2, regularization: 1 };
  await unlessStopped(
    stopped,
    of(ratings).pipe(
      train({
        ...job,
        kernel: 'wasm',
        ...{ subspaceSize, balance: false, validationUsers: 0 },
        ...(solver === 'cg' && { cgSteps }),
        ...(blocks !== undefined && { blocks }),
      }),
      tap((event) => {
        if (event.type === 'phase') {
          const { side, iteration } = event;
          const fixedRows = side === 'user' ? sizes.item : sizes.user;
          for (const { rows, ratings, seconds } of event.blocks) {
            busy += seconds;
            if (iteration === 1) continue;
            const isMeasured = side === 'item';
            const size = { solver, rank, cgSteps, subspaceSize, ratings, rows };
            tasks.push({ ...size, fixedRows, isMeasured, seconds });
          }
        }
        if (event.type !== 'iteration') return;
        if (event.iteration > 1) idleSeconds.push(Math.max(0, event.seconds - busy));
        busy = 0;
      }),
    ),
  );
  return { tasks, idleSeconds };
}

/** Between stretches of shared memory, as parts copy rows. */
function measureCopies(): MeasuredSpread {
  const bytes = 2 ** 25;
  const [from, to] = [new SharedArrayBuffer(bytes), new SharedArrayBuffer(bytes)];
  const speeds = Array.from({ length: 9 }, () => {
    const start = performance.now();
    new Uint8Array(to).set(new Uint8Array(from));
    return bytes / ((performance.now() - start) / 1000);
  });
  // The first ones touch memory.
  return spreadOf(speeds.slice(2));
}

/** DuckDB and the tables that ratings become. */
async function measureReading(stopped: AbortSignal): Promise<MeasuredSpread> {
  const count = 500_000;
  const query =
    `select (i * 7919) % 6007 as user, (i * i + i) % 3701 as item, i % 5 + 1 as rating ` +
    `from range(${count}) t(i)`;
  const speeds: number[] = [];
  for (let round = 0; round < 3; round++) {
    stopped.throwIfAborted();
    const start = performance.now();
    await firstValueFrom(fromSql(query, { duplicates: 'last' }));
    speeds.push(count / ((performance.now() - start) / 1000));
  }
  return spreadOf(speeds);
}
