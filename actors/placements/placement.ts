import type { JobLayout } from '../../src/kernels/job-layout.js';
import type { BlockTask } from '../../src/kernels/kernel.js';
import type { KernelName } from '../../src/kernels/kernel-names.js';
import {
  bytesOfFullCopies,
  bytesToCopy,
  type CopyTask,
} from '../../src/kernels/parts/copy-rows.js';
import type { PartedLayout } from '../../src/kernels/parts/parted-layout.js';
import type { RankingLayout } from '../../src/kernels/wasm/ranking.js';
import type { RankingExecutor } from '../../src/model/ranking/ranking-executor.js';
import type { Side } from '../../src/ratings/ratings.js';
import type { PhaseId } from '../../src/training/phases.js';
import type { KernelFault, NodeFault, ServerFault } from '../run-event.js';
import type { BlockResult } from './block-result.js';

/** Where blocks' arithmetic runs. Placements differ in speed and in what can fail, never in result. */
export interface Placement {
  /** For people and for the `started` event: `in-process`, `threads(2)`. */
  readonly name: string;
  /** How many tasks are under way at the same time at most, ≥ 1; each has a scratch region. */
  readonly slots: number;
  /** Whether `open` and `openParts` take a job of a GPU's kernel in this process. Default false. */
  readonly takesGpuKernels?: boolean;
  /**
   * Whether its places read described ratings (`JobLayout.source`) themselves. Jobs of such ratings
   * run only there.
   */
  readonly readsRatings?: boolean;
  /**
   * Kernels that each of its places can run, for a placement outside this process. Waits until they
   * are known, and may keep what it opened for the next `open`, until the signal aborts. Rejects as
   * `open` does.
   */
  kernels?(signal: AbortSignal): Promise<readonly (readonly KernelName[])[]>;
  /**
   * Starts what is needed for one job. Rejects with `PlacementError` and leaves nothing behind.
   *
   * @param onFault called for each fault that does not stop the job
   */
  open(job: JobLayout, onFault?: (fault: ExecutorFault) => void): Promise<JobExecutor>;
  /** The same for a job in parts. Absent where every job must fit one memory. */
  openParts?(job: PartedLayout, onFault?: (fault: ExecutorFault) => void): Promise<JobExecutor>;
  /** The same for a job whose parts have rows only (`rated`). Absent where tasks run in the job's memories. */
  openSpread?(job: PartedLayout, onFault?: (fault: ExecutorFault) => void): Promise<JobExecutor>;
  /**
   * Bytes that a memory of a job has at most, for tests of jobs in parts; default what WebAssembly
   * addresses.
   */
  readonly partBytes?: number;
  /** The same for a job that ranks: `slots` tasks at a time. */
  openRanking(job: RankingLayout): Promise<RankingExecutor>;
}

/** As much of a placement as ranking needs. */
export type RankingPlacement = Pick<Placement, 'slots' | 'openRanking'>;

/** Something that broke in a place, and what the place does about it. */
export type ExecutorFault =
  | Pick<KernelFault, 'component' | 'message' | 'action'>
  | Pick<NodeFault, 'component' | 'node' | 'message' | 'action'>
  | Pick<ServerFault, 'component' | 'server' | 'message' | 'action'>;

/** What a broadcast of the fixed side took. */
export interface Broadcast {
  /** Bytes sent, or copied between parts; 0 where memory is shared. */
  readonly bytes: number;
  /** Bytes that sending all of it to every place, or part, would take. */
  readonly fullBroadcastBytes: number;
}

/** Where memory is shared there is nothing to send. */
export const nothingSent: Broadcast = Object.freeze({ bytes: 0, fullBroadcastBytes: 0 });

/** What copies between parts take. */
export function copied(job: PartedLayout, phase: PhaseId, tasks: readonly CopyTask[]): Broadcast {
  if (tasks.length === 0) return nothingSent;
  return {
    bytes: bytesToCopy(job, tasks),
    fullBroadcastBytes: bytesOfFullCopies(job, phase.side),
  };
}

/** A job whose tasks can be handed out. */
export interface JobExecutor {
  /** Makes the fixed side of a phase visible wherever its tasks may run, before the first of them. */
  broadcast(phase: PhaseId): Promise<Broadcast>;

  /**
   * Runs a task somewhere. Tasks start in the order of the calls, as slots become free.
   * Rejects if the arithmetic throws or the place dies; the task can then be given again.
   */
  solve(task: BlockTask): Promise<BlockResult>;

  /** Late answers that were dropped since the last call. Absent where no answer can be late. */
  takeLateAnswers?(): number;

  /**
   * To be called before the next task if anything but a task has written rows of a block to the
   * job's memory. Absent where tasks read that memory.
   */
  changed?(side: Side, block: number): void;

  /**
   * Ends every running task and resolves when nothing writes to the job's memory any more and no
   * thread, timer or connection is left. Tasks that have not answered reject.
   */
  close(): Promise<void>;
}
