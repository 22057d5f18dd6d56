import { threadId } from 'node:worker_threads';
import type { BlockSolver, BlockTask, JobLayout } from '../../src/kernels/kernel.js';
import type { BlockResult } from '../protocol.js';
import { openSolver, solveTask } from './solve-task.js';
import { toWire, type WireError } from './wire-error.js';

/** What the pool sends to a thread. `job` refers to shared memory, so it costs microseconds. */
export interface WorkerRequest {
  readonly job: JobLayout;
  readonly task: BlockTask;
  readonly slot: number;
}

export type WorkerAnswer =
  | { readonly ok: true; readonly result: BlockResult }
  | { readonly ok: false; readonly error: WireError };

/** The last job's solver; a thread that is replaced only loses this. */
let current: { readonly jobId: string; readonly solver: BlockSolver } | undefined;

/** Runs in a thread of the pool: solves one task. */
export function solve({ job, task, slot }: WorkerRequest): WorkerAnswer {
  try {
    if (current?.jobId !== job.id) current = { jobId: job.id, solver: openSolver(job) };
    const result = solveTask(current.solver, task, slot);
    return { ok: true, result: { ...result, where: `thread ${threadId}` } };
  } catch (error) {
    return { ok: false, error: toWire(error) };
  }
}

/** Runs in a thread of the pool: proves that the thread loads and sees the job's memory. */
export function check(job: JobLayout): boolean {
  openSolver(job);
  return job.memory.buffer.byteLength > job.stopFlag;
}
