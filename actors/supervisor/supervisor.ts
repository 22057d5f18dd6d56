import type { Side } from '../../src/ratings/ratings.js';
import { layoutInFile } from '../../src/training/factor-spans.js';
import type { IterationMetrics } from '../../src/training/iteration-metrics.js';
import type { Job } from '../../src/training/job.js';
import { PhaseReducer } from '../../src/training/phase-reducer.js';
import { firstPhase, type PhaseId } from '../../src/training/phases.js';
import { takeSnapshot } from '../../src/training/snapshot.js';
import { inTurns } from '../../src/training/steps.js';
import { type ActorSystem, dispatch, type Ref } from '../actor-system.js';
import type { Checkpoints } from '../checkpoint-writer.js';
import { withRowId } from '../errors.js';
import type { Broadcast } from '../placements/placement.js';
import type { BlockCommand, MoverCommand, SupervisorCommand, WriterCommand } from '../protocol.js';
import type { RunObserver } from '../run-event.js';
import type { SwappableExecutor } from '../swappable-executor.js';
import { decide, type Effect, type Reduced, type RunPlan } from './decide.js';
import { reportPhase } from './open-phase.js';
import { initialState, type SupervisorState } from './supervisor-state.js';

/** What the supervisor works with. */
export interface Supervision {
  readonly job: Job;
  /** Metrics of the iterations that a restored job has behind it. */
  readonly history: readonly IterationMetrics[];
  readonly executor: Pick<SwappableExecutor, 'broadcast' | 'takeLateAnswers'>;
  readonly blocks: Readonly<Record<Side, readonly Ref<BlockCommand>[]>>;
  readonly mover: Ref<MoverCommand>;
  /** The actor that writes checkpoints, if there is one, and after how many iterations. */
  readonly writer:
    | (Pick<Checkpoints, 'every' | 'kept'> & { readonly ref: Ref<WriterCommand> })
    | undefined;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** Whether the run has ended, so that the job's memory may go. */
  readonly isStopped: () => boolean;
  readonly observer: RunObserver;
}

/**
 * Starts the actor that sequences the phases. `decide` says what follows from each command; this
 * does it.
 */
export function spawnSupervisor(
  system: ActorSystem,
  supervision: Supervision,
): Ref<SupervisorCommand> {
  const { job, history, blocks, writer, observer } = supervision;
  const plan: RunPlan = {
    phaseOrder: job.layout.phaseOrder,
    ...job.settings.schedule,
    blocks: { user: blocks.user.length, item: blocks.item.length },
    checkpointEvery: writer?.every,
    areRowsLent: layoutInFile(job.layout) !== undefined,
  };
  const perform = performer(supervision);

  return system.spawn<SupervisorState, SupervisorCommand>('supervisor', {
    initialState: initialState(firstPhase(plan, history.length), history),
    async receive(before, message, self) {
      let state = before;
      const commands: (SupervisorCommand | Reduced)[] = [
        message.type === 'failed' ? { ...message, error: withRowId(message.error, job) } : message,
      ];
      for (let command = commands.shift(); command !== undefined; command = commands.shift()) {
        const decision = decide(plan, state, command);
        state = decision.state;
        for (const effect of decision.effects) {
          const reduced = await perform(effect, self);
          if (reduced !== undefined) commands.push(reduced);
        }
      }
      return state;
    },
    onFault: (error) => observer.error(error),
  });
}

/** Performs the effects of `decide`. */
function performer({
  job,
  executor,
  blocks,
  mover,
  writer,
  now,
  isStopped,
  observer,
  history,
}: Supervision): (
  effect: Effect,
  self: Ref<SupervisorCommand>,
) => undefined | Promise<Reduced | undefined> {
  const reducer = new PhaseReducer(job, history);
  let opened: { readonly startMs: number; readonly broadcast: Broadcast };

  const open = async (phase: PhaseId, self: Ref<SupervisorCommand>): Promise<undefined> => {
    const startMs = now();
    opened = { startMs, broadcast: await executor.broadcast(phase) };
    for (const actor of blocks[phase.side])
      dispatch(actor, { type: 'solve', phase, replyTo: self });
  };
  const reduce = async ({
    phase,
    results,
    attempts,
  }: Effect & { type: 'reduce' }): Promise<Reduced> => {
    const { startMs, broadcast } = opened;
    // This comes first: a broken phase is neither reported nor saved.
    const sums = results.map(({ sums }) => sums);
    // Nodes hear of this process while it rewrites many rows.
    const metrics = await inTurns(reducer.closing(phase, sums), isStopped);
    const report = reportPhase(
      job,
      { id: phase, startMs, results, attempts },
      {
        seconds: (now() - startMs) / 1000,
        broadcastBytes: broadcast.bytes,
        fullBroadcastBytes: broadcast.fullBroadcastBytes,
        lateAnswers: executor.takeLateAnswers(),
      },
    );
    return { type: 'reduced', phase, report, metrics };
  };

  return (effect, self) => {
    switch (effect.type) {
      case 'emit':
        return void observer.next(effect.event);
      case 'open-phase':
        return open(effect.phase, self);
      case 'solve-again': {
        const { phase, block } = effect;
        return void dispatch(blocks[phase.side][block]!, { type: 'solve', phase, replyTo: self });
      }
      case 'reduce':
        return reduce(effect);
      case 'write': {
        const snapshot = takeSnapshot(job, effect.history, writer!.kept());
        return void dispatch(writer!.ref, { type: 'write', snapshot, replyTo: self });
      }
      case 'move':
        return void dispatch(mover, { type: 'move', placement: effect.placement, replyTo: self });
      case 'proceed-later':
        return void dispatch(self, { type: 'proceed' });
      case 'complete':
        return void observer.complete();
      case 'fail':
        return void observer.error(effect.error);
      default:
        return effect satisfies never;
    }
  };
}
