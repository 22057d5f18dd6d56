import type { Placement } from '../../actors/placements/placement.js';

/** A placement that waits for something before the first broadcast of an iteration. */
export function beforeBroadcast(
  placement: Placement,
  iteration: number,
  act: () => Promise<void>,
): Placement {
  let isDone = false;
  return {
    ...placement,
    async open(job, onFault) {
      const placed = await placement.open(job, onFault);
      return {
        async broadcast(phase) {
          if (!isDone && phase.iteration === iteration) {
            isDone = true;
            await act();
          }
          return placed.broadcast(phase);
        },
        solve: (task) => placed.solve(task),
        takeLateAnswers: () => placed.takeLateAnswers?.() ?? 0,
        close: () => placed.close(),
      };
    },
  };
}
