import { layoutsOf } from '../src/kernels/parts/parted-layout.js';
import type { IterationMetrics } from '../src/training/iteration-metrics.js';
import type { Job } from '../src/training/job.js';
import { ActorSystem, dispatch } from './actor-system.js';
import { spawnBlock } from './block.js';
import { type Checkpoints, spawnCheckpointWriter } from './checkpoint-writer.js';
import { spawnMover } from './mover.js';
import type { Placement } from './placements/placement.js';
import type { SupervisorCommand } from './protocol.js';
import type { RunObserver } from './run-event.js';
import { spawnSupervisor } from './supervisor/supervisor.js';
import { SwappableExecutor } from './swappable-executor.js';

/** Options of a run besides its job and its place. */
export interface RunSettings {
  /**
   * Restores the job while the placement opens, and resolves with the metrics of the iterations
   * that are done. By default the job is new.
   */
  readonly restored?: Promise<readonly IterationMetrics[]>;
  readonly checkpoints?: Checkpoints;
  /** Milliseconds; only differences count. */
  readonly now?: () => number;
}

/** A run of a job by actors. */
export interface TrainingRun {
  /** Lets no further phase begin until `resume`. Threads stay. */
  pause(): void;
  resume(): void;
  /** Moves the job before the next phase. If that place does not open, the job stays. */
  moveTo(placement: Placement): void;
  /**
   * Ends the run wherever it is, within a block, and resolves when no actor, thread or timer is
   * left, no checkpoint is half written and the job's memory is released. Safe to call at any time
   * and more than once.
   */
  stop(): Promise<void>;
}

/**
 * Starts actors for every block and a supervisor that takes them through the phases. The run owns
 * the job from here and releases it at the end, however it ends.
 *
 * @param observer gets nothing after `stop`; gets the end when nothing of the run is left
 */
export function startRun(
  job: Job,
  placement: Placement,
  observer: RunObserver,
  { restored, checkpoints, now = () => performance.now() }: RunSettings = {},
): TrainingRun {
  const system = new ActorSystem();
  /** Commands that came before there was a supervisor. */
  const early: SupervisorCommand[] = [];
  let tell = (command: SupervisorCommand): void => void early.push(command);
  const executor = new SwappableExecutor(job, (fault) => tell({ type: 'executor-fault', fault }));
  const opening = Promise.allSettled([executor.moveTo(placement), restored ?? []]);
  let writing: Promise<unknown> = Promise.resolve();
  let stopping: Promise<void> | undefined;

  const stop = (): Promise<void> => {
    stopping ??= close();
    return stopping;
  };
  const close = async (): Promise<void> => {
    for (const { memory, stopFlag } of layoutsOf(job.layout)) {
      Atomics.store(new Int32Array(memory.buffer, stopFlag, 1), 0, 1);
    }
    system.stop();
    await opening;
    await executor.close();
    await writing.catch(() => {});
    job.release();
  };
  const endWith = (tell: () => void): void => {
    if (stopping === undefined) stop().then(tell, (error) => observer.error(error));
  };
  const fail = (error: unknown) => endWith(() => observer.error(error));

  opening.then(([opened, history]) => {
    if (opened.status === 'rejected') return fail(opened.reason);
    if (history.status === 'rejected') return fail(history.reason);
    if (stopping === undefined) observer.next({ type: 'opened' });
    if (stopping === undefined) begin(history.value);
  });

  return {
    pause: () => tell({ type: 'pause' }),
    resume: () => tell({ type: 'resume' }),
    moveTo: (next) => tell({ type: 'go-to', placement: next }),
    stop,
  };

  function begin(history: readonly IterationMetrics[]): void {
    const supervisor = spawnSupervisor(system, {
      job,
      history,
      executor,
      blocks: { user: spawnBlocks('user'), item: spawnBlocks('item') },
      mover: spawnMover(system, executor),
      writer: checkpoints && {
        ref: spawnWriter(checkpoints),
        every: checkpoints.every,
        kept: checkpoints.kept,
      },
      now,
      isStopped: () => stopping !== undefined,
      observer: {
        next(event) {
          if (stopping === undefined) observer.next(event);
        },
        complete: () => endWith(() => observer.complete()),
        error: fail,
      },
    });
    tell = (command) => dispatch(supervisor, command);
    for (const command of early) tell(command);
    tell({ type: 'proceed' });
  }

  function spawnBlocks(side: 'user' | 'item') {
    const blockCount = job.layout[side].blockStarts.length - 1;
    return Array.from({ length: blockCount }, (_, block) =>
      spawnBlock(system, { side, block, executor, now }),
    );
  }

  function spawnWriter({ write }: Checkpoints) {
    const remember = (snapshot: Parameters<typeof write>[0]) => {
      const written = write(snapshot);
      writing = written;
      return written;
    };
    return spawnCheckpointWriter(system, remember, now);
  }
}
