import type { JobExecutor, Placement } from '../../../actors/placements/placement.js';
import type { BlockTask } from '../../../src/kernels/kernel.js';

/** A placement that does something when a task has been handed out for the first time. */
export function atTask(placement: Placement, task: BlockTask, act: () => void): Placement {
  let isDone = false;
  const watch = (placed: JobExecutor): JobExecutor => ({
    broadcast: (phase) => placed.broadcast(phase),
    solve(given) {
      const solved = placed.solve(given);
      if (!isDone && JSON.stringify(given) === JSON.stringify(task)) {
        isDone = true;
        act();
      }
      return solved;
    },
    takeLateAnswers: () => placed.takeLateAnswers?.() ?? 0,
    close: () => placed.close(),
  });
  const { openSpread } = placement;
  return {
    ...placement,
    open: async (job, onFault) => watch(await placement.open(job, onFault)),
    ...(openSpread && {
      openSpread: async (job, onFault) => watch(await openSpread(job, onFault)),
    }),
  };
}
