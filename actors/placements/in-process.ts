import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JobLayout } from '../../src/kernels/job-layout.js';
import type { PartedLayout } from '../../src/kernels/parts/parted-layout.js';
import { openRanker } from '../../src/kernels/wasm/ranking.js';
import { TaskQueue } from '../../src/task-queue.js';
import type { BlockResult } from './block-result.js';
import { copyOnEventLoop } from './copy-on-event-loop.js';
import { isForGpu, openOnGpu } from './gpu/open-on-gpu.js';
import { type JobExecutor, nothingSent, type Placement } from './placement.js';
import { openSolver, rankTask, solveTask } from './solve-task.js';

/**
 * Runs every block on the event loop, one after the other, with a turn of the loop between blocks.
 *
 * Useful when
 * - the data is small: no thread has to start;
 * - a debugger or a profiler should see the arithmetic.
 *
 * Problems
 * - the process answers nothing else while a block is solved (some milliseconds each);
 * - one core only, unless a GPU solves.
 */
export function inProcess(): Placement {
  return {
    name: 'in-process',
    slots: 1,
    takesGpuKernels: true,
    async open(job, onFault) {
      return isForGpu(job)
        ? openOnGpu(job, { onFault, openProcessor: openOnEventLoop })
        : openOnEventLoop(job);
    },
    async openParts(job, onFault) {
      return isForGpu(job)
        ? openOnGpu(job, { onFault, openProcessor: openPartsOnEventLoop })
        : openPartsOnEventLoop(job);
    },
    async openRanking(job) {
      const ranker = openRanker(job);
      const queue = new TaskQueue<void>({ workers: 1 });
      return {
        rank: (task) =>
          queue.add(async (slot) => {
            await nextTurn();
            rankTask(ranker, task, slot);
          }),
        close: async () => queue.close(),
      };
    },
  };
}

async function openPartsOnEventLoop(job: PartedLayout): Promise<JobExecutor> {
  let isClosed = false;
  const executor = await openOnEventLoop(job);
  return {
    ...executor,
    broadcast: (phase) => copyOnEventLoop(job, phase, () => isClosed),
    close() {
      isClosed = true;
      return executor.close();
    },
  };
}

async function openOnEventLoop(job: JobLayout | PartedLayout): Promise<JobExecutor> {
  const solver = openSolver(job);
  const queue = new TaskQueue<BlockResult>({ workers: 1 });
  return {
    broadcast: async () => nothingSent,
    solve: (task) =>
      queue.add(async (slot) => {
        await nextTurn();
        return { ...solveTask(solver, task, slot), ranOn: 'event loop' };
      }),
    close: async () => queue.close(),
  };
}
