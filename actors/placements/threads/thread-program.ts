import { threadId, workerData } from 'node:worker_threads';
import type { JobLayout } from '../../../src/kernels/job-layout.js';
import type { BlockSolver, BlockTask } from '../../../src/kernels/kernel.js';
import { type CopyTask, copyRows } from '../../../src/kernels/parts/copy-rows.js';
import { layoutsOf, type PartedLayout } from '../../../src/kernels/parts/parted-layout.js';
import {
  openRanker,
  type Ranker,
  type RankingLayout,
  type RankingTask,
} from '../../../src/kernels/wasm/ranking.js';
import type { BlockResult } from '../block-result.js';
import { openSolver, rankTask, solveTask } from '../solve-task.js';
import { toWire, type WireError } from '../wire-error.js';

/**
 * What the pool sends to a thread. The job is not part of it but comes with the thread: a reference to
 * shared memory takes some 0.3 ms to arrive with newer Nodes.
 */
export interface ThreadRequest<Task> {
  readonly task: Task;
  readonly slot: number;
}

export type ThreadAnswer<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly error: WireError };

/** A thread has one job, opened at its first task. */
let solver: BlockSolver | undefined;
let ranker: Ranker | undefined;

/** Runs in a thread of the pool: solves one task. */
export function solve({ task, slot }: ThreadRequest<BlockTask>): ThreadAnswer<BlockResult> {
  return answer(() => {
    solver ??= openSolver(jobOf<JobLayout | PartedLayout>());
    return { ...solveTask(solver, task, slot), ranOn: `thread ${threadId}` };
  });
}

/** Runs in a thread of the pool: copies rows between parts. */
export function copy({ task }: ThreadRequest<CopyTask>): ThreadAnswer<void> {
  return answer(() => copyRows(jobOf<PartedLayout>(), task));
}

/** Runs in a thread of the pool: ranks the users of one task. */
export function rank({ task, slot }: ThreadRequest<RankingTask>): ThreadAnswer<void> {
  return answer(() => {
    ranker ??= openRanker(jobOf<RankingLayout>());
    rankTask(ranker, task, slot);
  });
}

/** Runs in a thread of the pool: proves that the thread loads and sees the job's memory. */
export function check(): boolean {
  const job = jobOf<JobLayout | PartedLayout>();
  solver ??= openSolver(job);
  return layoutsOf(job).every(({ memory, stopFlag }) => memory.buffer.byteLength > stopFlag);
}

/** `check` for a job that ranks. */
export function checkRanking(): boolean {
  const job = jobOf<RankingLayout>();
  ranker ??= openRanker(job);
  return job.memory.buffer.byteLength > job.stopFlag;
}

/** What the thread was started with; see `openThread`. */
function jobOf<Job>(): Job {
  return workerData;
}

function answer<Result>(work: () => Result): ThreadAnswer<Result> {
  try {
    return { ok: true, result: work() };
  } catch (error) {
    return { ok: false, error: toWire(error) };
  }
}
