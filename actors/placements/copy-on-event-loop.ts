import { setImmediate as nextTurn } from 'node:timers/promises';
import { copyRows, copyTasksOf } from '../../src/kernels/parts/copy-rows.js';
import type { PartedLayout } from '../../src/kernels/parts/parted-layout.js';
import type { PhaseId } from '../../src/training/phases.js';
import { type Broadcast, copied } from './placement.js';

/** Makes the copies of a phase in this thread, with a turn of the loop between tasks. */
export async function copyOnEventLoop(
  job: PartedLayout,
  phase: PhaseId,
  isClosed: () => boolean,
): Promise<Broadcast> {
  const tasks = copyTasksOf(job, phase);
  for (const task of tasks) {
    await nextTurn();
    if (isClosed()) break;
    copyRows(job, task);
  }
  return copied(job, phase, tasks);
}
