import { availableParallelism } from 'node:os';
import { checkValue, integer } from '../../../src/check-options.js';
import { withDeadline } from '../../../src/deadline.js';
import { PlacementError } from '../../../src/errors.js';
import type { JobLayout } from '../../../src/kernels/job-layout.js';
import type { BlockTask } from '../../../src/kernels/kernel.js';
import { type CopyTask, copyRows, copyTasksOf } from '../../../src/kernels/parts/copy-rows.js';
import type { PartedLayout } from '../../../src/kernels/parts/parted-layout.js';
import type { RankingLayout, RankingTask } from '../../../src/kernels/wasm/ranking.js';
import { TaskQueue } from '../../../src/task-queue.js';
import { tasksPerThread } from '../../../src/task-slots.js';
import type { BlockResult } from '../block-result.js';
import { isForGpu, openOnGpu } from '../gpu/open-on-gpu.js';
import { copied, type JobExecutor, nothingSent, type Placement } from '../placement.js';
import { fromWire } from '../wire-error.js';
import { openThread, type ThreadFunction, threadSource } from './thread.js';
import type { ThreadAnswer, ThreadRequest } from './thread-program.js';

const startDeadlineMs = 30_000;

/**
 * Runs blocks on worker threads of this process; any thread takes any block, and all of them see
 * the job's memory. A thread that dies is replaced, and what it had is done again. A GPU solves from
 * this thread; threads start if it fails.
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
  checkValue('threads', count, integer(1, 1024));
  return {
    name: `threads(${count})`,
    slots: count * tasksPerThread,
    takesGpuKernels: true,
    async open(job, onFault) {
      const openProcessor = (job: JobLayout) => openOnThreads(job, count);
      return isForGpu(job) ? openOnGpu(job, { onFault, openProcessor }) : openProcessor(job);
    },
    async openParts(job, onFault) {
      const openProcessor = (job: PartedLayout) => openPartsOnThreads(job, count);
      return isForGpu(job) ? openOnGpu(job, { onFault, openProcessor }) : openProcessor(job);
    },
    async openRanking(job) {
      const pool = await openPool<RankingLayout, RankingTask, void>(
        job,
        count,
        'rank',
        'checkRanking',
      );
      return { rank: pool.run, close: pool.close };
    },
  };
}

async function openOnThreads(job: JobLayout, count: number): Promise<JobExecutor> {
  const pool = await openPool<JobLayout, BlockTask, BlockResult>(job, count, 'solve', 'check');
  return { broadcast: async () => nothingSent, solve: pool.run, close: pool.close };
}

async function openPartsOnThreads(job: PartedLayout, count: number): Promise<JobExecutor> {
  const pool = await openPool<PartedLayout, BlockTask, BlockResult>(job, count, 'solve', 'check');
  let isClosed = false;
  const copy = async (task: CopyTask): Promise<void> => {
    try {
      await pool.copy(task);
    } catch {
      // The thread has died. Its copies are made here, and another thread takes its place.
      if (!isClosed) copyRows(job, task);
    }
  };
  return {
    async broadcast(phase) {
      const tasks = copyTasksOf(job, phase);
      await Promise.all(tasks.map(copy));
      return copied(job, phase, tasks);
    },
    solve: pool.run,
    close() {
      isClosed = true;
      return pool.close();
    },
  };
}

/** A pool for the tasks of one job. */
interface Pool<Task, Result> {
  run(task: Task): Promise<Result>;
  copy(task: CopyTask): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param run name of the worker file's function that runs a task
 * @param check name of the one that proves that a thread sees the job
 */
async function openPool<Job, Task, Result>(
  job: Job,
  count: number,
  run: 'solve' | 'rank',
  check: 'check' | 'checkRanking',
): Promise<Pool<Task, Result>> {
  const opened = await Promise.all(
    Array.from({ length: count }, () => openThread(job, tasksPerThread)),
  );
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((thread) => thread.close()));
  };
  try {
    const checks = opened.map((thread) => thread.run(check));
    const late = () => new Error(`no answer within ${startDeadlineMs / 1000} s`);
    await withDeadline(Promise.all(checks), startDeadlineMs, late);
  } catch (cause) {
    await close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PlacementError(
      `worker threads do not start: ${reason}; expected ${threadSource} to load; ` +
        'try placement: inProcess()',
      { cause },
    );
  }

  const queue = new TaskQueue<unknown>({ workers: count, depth: tasksPerThread });
  const add = <Answer>(name: ThreadFunction, task: unknown): Promise<Answer> =>
    // What the worker file's function returns.
    queue.add(async (slot) => {
      const request: ThreadRequest<unknown> = { task, slot };
      const answer = (await opened[slot % count]!.run(name, request)) as ThreadAnswer<Answer>;
      if (answer.ok) return answer.result;
      throw fromWire(answer.error);
    }) as Promise<Answer>;
  return {
    run: (task) => add<Result>(run, task),
    copy: (task) => add<void>('copy', task),
    async close() {
      queue.close();
      await close();
    },
  };
}
