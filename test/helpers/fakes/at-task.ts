import type { Placement } from '../../../actors/placements/placement.js';
import type { BlockTask } from '../../../src/kernels/kernel.js';

/** A placement that does something when a task has been handed out for the first time. */
export function atTask(placement: Placement, task: BlockTask, act: () => void): Placement {
  let isDone = false;
  return {
    ...placement,
    async open(job, onFault) {
      const placed = await placement.open(job, onFault);
      return {
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
      };
    },
  };
}
