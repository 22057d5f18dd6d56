import { availableParallelism } from 'node:os';
import { InvalidOptionError } from '../../src/errors.js';
import type { JobLayout } from '../../src/kernels/kernel.js';
import { PlacementError } from '../errors.js';
import type { BlockResult } from '../protocol.js';
import type { PlacedJob, Placement } from './placement.js';
import type { WorkerAnswer, WorkerRequest } from './solve-worker.js';
import { TaskQueue } from './task-queue.js';
import { fromWire } from './wire-error.js';

const workerFile = new URL('./solve-worker.js', import.meta.url).href;
const startDeadlineMs = 30_000;

/** One that runs and one that waits in the thread: the hop to the event loop costs 0.1 ms or more. */
const tasksPerThread = 2;

/**
 * Runs blocks on worker threads of this process; any thread solves any block, and all of them see
 * the job's memory. A thread that dies is replaced, and what it had is solved again.
 *
 * Useful when
 * - a phase takes more than some milliseconds and there is more than one core;
 * - the event loop has other work: it only passes messages.
 *
 * Problems
 * - starting takes about 60 ms;
 * - memory bandwidth is shared, so large data gains less than the number of threads.
 *
 * @param count number of threads, ≥ 1; by default one for each core
 */
export function threads(count: number = availableParallelism()): Placement {
  if (!Number.isInteger(count) || count < 1 || count > 1024) {
    throw new InvalidOptionError('threads', count, 'an integer from 1 to 1024');
  }
  return {
    name: `threads(${count})`,
    slots: count * tasksPerThread,
    open: (job) => openPool(job, count),
  };
}

async function openPool(job: JobLayout, count: number): Promise<PlacedJob> {
  const { Piscina } = await import('piscina');
  const pool = new Piscina({
    filename: workerFile,
    minThreads: count,
    maxThreads: count,
    concurrentTasksPerWorker: tasksPerThread,
    // Otherwise a crash can leave queued tasks with no thread to run them.
    idleTimeout: Number.POSITIVE_INFINITY,
    // An idle worker would block in Atomics.wait, for no gain.
    atomics: 'disabled',
    recordTiming: false,
  });
  // Errors of a thread reach the task that it ran; this only keeps Node from throwing them.
  pool.on('error', () => {});
  try {
    await withDeadline(pool.run(job, { name: 'check' }), startDeadlineMs);
  } catch (cause) {
    await pool.destroy();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PlacementError(
      `worker threads do not start: ${reason}; expected ${workerFile} to load; ` +
        'try placement: inProcess()',
      { cause },
    );
  }

  const queue = new TaskQueue<BlockResult>({ workers: count, slots: count * tasksPerThread });
  return {
    broadcast: async () => 0,
    solve: (task) =>
      queue.add(async (slot) => {
        const request: WorkerRequest = { job, task, slot };
        const answer: WorkerAnswer = await pool.run(request, { name: 'solve' });
        if (answer.ok) return answer.result;
        throw fromWire(answer.error);
      }),
    async close() {
      queue.close();
      await pool.destroy();
    },
  };
}

/** Rejects if `work` takes longer than `ms`: a thread that cannot load never answers. */
async function withDeadline<Result>(work: Promise<Result>, ms: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
