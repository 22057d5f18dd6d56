import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { SharedMemory } from '../../../src/arena.js';
import type { JobLayout } from '../../../src/kernels/job-layout.js';
import { openRanker } from '../../../src/kernels/wasm/ranking.js';
import { fastestBuild } from '../../../src/kernels/wasm/wasm-binary.js';
import { type WalkLimits, wasmKernel } from '../../../src/kernels/wasm/wasm-kernel.js';
import type { FactorModel } from '../../../src/model/factor-model.js';
import type { RecommendAllOptions, UserRecommendations } from '../../../src/model/recommender.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import type { JobOptions } from '../../../src/training/options.js';
import { runInPlace } from '../../../src/training/run-in-place.js';
import { openJob } from '../builders/jobs.js';

/** A stretch of memory that a task may write, in bytes. */
type Stretch = readonly [offset: number, bytes: number];

/** From here on this process and its threads run the kernels with assertions and guards. */
export function useDebugKernels(): void {
  process.env.SEESAW_KERNELS = fileURLToPath(new URL('../../../debug-kernels', import.meta.url));
}

/** Chunks and batches of few rows and entries, where a bound that is off by one shows. */
const tightLimits: WalkLimits = { chunkBytes: 64, batchBytes: 700, batchEntries: 9 };

/**
 * Trains with debug kernels and fails if a task writes anywhere but to its block's rows, its Gram
 * matrix and its own record and scratch memory.
 */
export function trainWatched(
  t: ExecutionContext,
  ratings: Ratings,
  options: JobOptions,
  heldOut?: Ratings,
): void {
  for (const limits of [tightLimits, undefined]) {
    const kernel = wasmKernel(fastestBuild(), limits);
    const { job, solver } = openJob(kernel, ratings, options, { ...(heldOut && { heldOut }) });
    const { layout } = job;
    runInPlace(job, {
      run(task, slot) {
        const allowed = writtenBy(layout, task.side, task.block, task.iteration, slot);
        return watch(t, layout.memory, allowed, () => solver.run(task, slot));
      },
    });
    job.release();
  }
}

/**
 * The lists of all users by debug kernels; fails if a task writes anywhere but to its window's lists
 * and its own record and scratch memory.
 */
export function listsWatched(
  t: ExecutionContext,
  model: FactorModel,
  options: RecommendAllOptions,
): UserRecommendations[] {
  const job = model.prepareRanking(options, { slots: 1, windows: 1 });
  const { layout } = job;
  const ranker = openRanker(layout);
  const { windows, scratch, count, rank } = layout;
  const inputs = 4 * (windows.users * (rank + 1) + 1 + windows.ratings);
  const lists: UserRecommendations[] = [];
  for (let block = 0; block < job.blockCount; block++) {
    const task = job.load(block, 0);
    const results = 4 * windows.users * (1 + 2 * count);
    const allowed: Stretch[] = [
      [windows.offset + inputs, results],
      [scratch.offset, scratch.slotBytes],
    ];
    watch(t, layout.memory, allowed, () => ranker.run(task, 0));
    lists.push(...job.read(block, 0));
  }
  return lists;
}

function writtenBy(
  layout: JobLayout,
  side: 'user' | 'item',
  block: number,
  iteration: number,
  slot: number,
): Stretch[] {
  const { stride, scratch, blockGrams } = layout;
  const { blockStarts, factors } = layout[side];
  const [first, end] = [blockStarts[block]!, blockStarts[block + 1]!];
  const square = stride * stride * 4;
  return [
    [factors[(iteration & 1) as 0 | 1] + first * stride * 4, (end - first) * stride * 4],
    [blockGrams + block * square, square],
    [scratch.offset + slot * scratch.slotBytes, scratch.slotBytes],
  ];
}

/** Runs a task and compares all memory that it must not write with what was there before. */
function watch<Result>(
  t: ExecutionContext,
  memory: SharedMemory,
  allowed: readonly Stretch[],
  run: () => Result,
): Result {
  const before = Buffer.from(new Uint8Array(memory.buffer));
  // Assertions' texts lie in the first 64 KiB, which no region uses.
  const result = run();
  const after = Buffer.from(memory.buffer);
  let from = 65_536;
  for (const [offset, bytes] of [...allowed, [after.length, 0] as const].sort(
    ([a], [b]) => a - b,
  )) {
    const isSame = before.compare(after, from, offset, from, offset) === 0;
    if (!isSame) t.fail(`a task wrote between ${from} and ${offset}`);
    from = offset + bytes;
  }
  return result;
}
