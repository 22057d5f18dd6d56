import { openRanker, type RankingLayout, type RankingTask } from '../../kernels/wasm/ranking.js';

/** A ranking job whose tasks can be run. */
export interface RankingExecutor {
  /**
   * Runs a task somewhere. When it resolves, the lists are in the task's window. Tasks start in the
   * order of the calls. Rejects if the place dies; the task can then be given again.
   */
  rank(task: RankingTask): Promise<void>;

  /** Ends every task, and resolves when nothing writes to the job's memory any more. */
  close(): Promise<void>;
}

/** Runs each task in this thread, when it is given. */
export function rankingHere(layout: RankingLayout): RankingExecutor {
  const ranker = openRanker(layout);
  return {
    async rank(task) {
      ranker.run(task, 0);
    },
    async close() {},
  };
}
