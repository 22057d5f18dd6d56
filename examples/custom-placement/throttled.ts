import { setTimeout as sleep } from 'node:timers/promises';
import {
  nothingSent,
  openRanker,
  openSolver,
  type Placement,
  PlacementError,
  rankTask,
  solveTask,
} from 'seesaw';

/**
 * Runs blocks on the event loop and rests after each, so that a run takes at most `share` of a
 * core and a server in the same process goes on answering.
 *
 * @param share 0 < share ≤ 1
 */
export function throttled(share: number): Placement {
  return {
    name: `throttled(${share})`,
    slots: 1,
    async open(job) {
      const solver = openSolver(job);
      const line = waitingLine(share);
      return {
        broadcast: async () => nothingSent,
        solve: (task) =>
          line.add(() => ({ ...solveTask(solver, task, 0), ranOn: 'the rest of the core' })),
        close: line.close,
      };
    },
    async openRanking(job) {
      const ranker = openRanker(job);
      const line = waitingLine(share);
      return { rank: (task) => line.add(() => rankTask(ranker, task, 0)), close: line.close };
    },
  };
}

/** Does one piece of work after the other, with a rest after each. */
function waitingLine(share: number) {
  const closing = new AbortController();
  let rested: Promise<unknown> = Promise.resolve();
  return {
    add<Result>(work: () => Result): Promise<Result> {
      const turn = rested.then(() => {
        closing.signal.throwIfAborted();
        const startMs = performance.now();
        const result = work();
        return { result, workedMs: performance.now() - startMs };
      });
      rested = turn
        .then(({ workedMs }) => sleep(workedMs * (1 / share - 1), null, closing))
        .catch(() => {});
      return turn.then(({ result }) => result);
    },
    async close(): Promise<void> {
      closing.abort(new PlacementError('the placement is closed'));
      await rested;
    },
  };
}
