import type { Job } from '../src/training/job.js';
import { ActorSystem, dispatch } from './actor-system.js';
import { spawnBlock } from './block.js';
import type { PlacedJob, Placement } from './placements/placement.js';
import type { RunEvent } from './run-event.js';
import { spawnSupervisor } from './supervisor.js';

/** Who hears of a run. After `stop` nothing follows. */
export interface RunListener {
  /** The placement runs; the first phase is about to begin. */
  readonly opened: () => void;
  readonly event: (event: RunEvent) => void;
  /** Every phase is done. The factors are still in the job's memory, until this returns. */
  readonly finished: () => void;
  /** Nothing of the run is left. The last call; `error` tells how a run that failed ended. */
  readonly closed: (error: unknown) => void;
}

/** A run of a job by actors. */
export interface TrainingRun {
  /**
   * Ends the run wherever it is, within a block, and resolves when no actor, thread or timer is left
   * and the job's memory is released. Safe to call at any time and more than once.
   */
  stop(): Promise<void>;
}

/**
 * Starts actors for every block and a supervisor that takes them through the phases.
 * The run owns the job from here and releases it at the end, however it ends.
 */
export function startRun(
  job: Job,
  placement: Placement,
  listener: RunListener,
  now: () => number = () => performance.now(),
): TrainingRun {
  const system = new ActorSystem();
  const opening = placement.open(job.layout);
  let stopping: Promise<void> | undefined;

  const stop = (): Promise<void> => {
    stopping ??= close();
    return stopping;
  };
  const close = async (): Promise<void> => {
    const flag = new Int32Array(job.layout.memory.buffer, job.layout.stopFlag, 1);
    Atomics.store(flag, 0, 1);
    system.stop();
    // A placement that never opened has nothing to close; the listener hears of it below.
    const place = await opening.catch(() => undefined);
    await place?.close();
    job.release();
  };
  const end = (error?: unknown): void => {
    if (stopping === undefined) stop().then(() => listener.closed(error), listener.closed);
  };

  opening.then((place) => {
    if (stopping === undefined) listener.opened();
    if (stopping !== undefined) return;
    const supervisor = spawnSupervisor(system, {
      job,
      place,
      blocks: { user: spawnBlocks('user', place), item: spawnBlocks('item', place) },
      now,
      onEvent(event) {
        if (stopping === undefined) listener.event(event);
      },
      onFinished() {
        if (stopping !== undefined) return;
        listener.finished();
        end();
      },
      onFailed: end,
    });
    dispatch(supervisor, { type: 'begin' });
  }, end);

  return { stop };

  function spawnBlocks(side: 'user' | 'item', place: PlacedJob) {
    const blockCount = job.layout[side].blockStarts.length - 1;
    return Array.from({ length: blockCount }, (_, block) =>
      spawnBlock(system, { side, block, place }),
    );
  }
}
