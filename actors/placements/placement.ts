import type { BlockTask, JobLayout } from '../../src/kernels/kernel.js';
import type { PhaseId } from '../../src/training/phases.js';
import type { BlockResult } from '../protocol.js';

/** Where blocks' arithmetic runs. Placements differ in speed and in what can fail, never in result. */
export interface Placement {
  /** For people and for the `started` event: `in-process`, `threads(2)`. */
  readonly name: string;
  /** How many tasks are under way at the same time at most, ≥ 1; each has a scratch region. */
  readonly slots: number;
  /** Starts what is needed for one job. Rejects with `PlacementError` and leaves nothing behind. */
  open(job: JobLayout): Promise<PlacedJob>;
}

/** A job whose tasks can be handed out. */
export interface PlacedJob {
  /**
   * Makes the fixed side of a phase visible wherever its tasks may run, before the first of them.
   *
   * @returns bytes sent; 0 where memory is shared
   */
  broadcast(phase: PhaseId): Promise<number>;

  /**
   * Runs a task somewhere. Tasks start in the order of the calls, as slots become free.
   * Rejects if the arithmetic throws or the place dies; the task can then be given again.
   */
  solve(task: BlockTask): Promise<BlockResult>;

  /**
   * Ends every running task and resolves when nothing writes to the job's memory any more and no
   * thread, timer or connection is left. Tasks that have not answered reject.
   */
  close(): Promise<void>;
}
