import type { JobExecutor, Placement } from '../../../actors/placements/placement.js';

/** A placement whose broadcasts a test can look at. */
export function atBroadcast(
  placement: Placement,
  broadcast: (
    placed: JobExecutor,
    phase: Parameters<JobExecutor['broadcast']>[0],
  ) => ReturnType<JobExecutor['broadcast']>,
): Placement {
  return {
    ...placement,
    async open(job, onFault) {
      const placed = await placement.open(job, onFault);
      return {
        broadcast: (phase) => broadcast(placed, phase),
        solve: (task) => placed.solve(task),
        takeLateAnswers: () => placed.takeLateAnswers?.() ?? 0,
        close: () => placed.close(),
      };
    },
  };
}

/** A placement that waits for something before the first broadcast of an iteration. */
export function beforeBroadcast(
  placement: Placement,
  iteration: number,
  act: () => unknown,
): Placement {
  let isDone = false;
  return atBroadcast(placement, async (placed, phase) => {
    if (!isDone && phase.iteration === iteration) {
      isDone = true;
      await act();
    }
    return placed.broadcast(phase);
  });
}
