import { threadId } from 'node:worker_threads';
import type { BlockSolver, BlockTask, JobLayout } from '../../src/kernels/kernel.js';
import {
  openRanker,
  type Ranker,
  type RankingLayout,
  type RankingTask,
} from '../../src/kernels/ranking.js';
import type { BlockResult } from '../protocol.js';
import { openSolver, rankTask, solveTask } from './solve-task.js';
import { toWire, type WireError } from './wire-error.js';

/** What the pool sends to a thread. `job` refers to shared memory, so it costs microseconds. */
export interface WorkerRequest<Job, Task> {
  readonly job: Job;
  readonly task: Task;
  readonly slot: number;
}

export type WorkerAnswer<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly error: WireError };

/** The pool of a thread has one job, opened at its first task; a new thread opens it again. */
let solver: BlockSolver | undefined;
let ranker: Ranker | undefined;

/** Runs in a thread of the pool: solves one task. */
export function solve({
  job,
  task,
  slot,
}: WorkerRequest<JobLayout, BlockTask>): WorkerAnswer<BlockResult> {
  return answer(() => {
    solver ??= openSolver(job);
    return { ...solveTask(solver, task, slot), where: `thread ${threadId}` };
  });
}

/** Runs in a thread of the pool: ranks the users of one task. */
export function rank({
  job,
  task,
  slot,
}: WorkerRequest<RankingLayout, RankingTask>): WorkerAnswer<void> {
  return answer(() => {
    ranker ??= openRanker(job);
    rankTask(ranker, task, slot);
  });
}

/** Runs in a thread of the pool: proves that the thread loads and sees the job's memory. */
export function check(job: JobLayout): boolean {
  openSolver(job);
  return job.memory.buffer.byteLength > job.stopFlag;
}

/** `check` for a job that ranks. */
export function checkRanking(job: RankingLayout): boolean {
  openRanker(job);
  return job.memory.buffer.byteLength > job.stopFlag;
}

function answer<Result>(work: () => Result): WorkerAnswer<Result> {
  try {
    return { ok: true, result: work() };
  } catch (error) {
    return { ok: false, error: toWire(error) };
  }
}
