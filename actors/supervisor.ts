import type { BlockSums } from '../src/kernels/kernel.js';
import type { Side } from '../src/ratings/ratings.js';
import type { Job } from '../src/training/job.js';
import { type IterationMetrics, PhaseReducer } from '../src/training/phase-reducer.js';
import { type PhaseId, phasesOf } from '../src/training/phases.js';
import { takeSnapshot } from '../src/training/snapshot.js';
import { type ActorSystem, dispatch, type Ref } from './actor-system.js';
import type { Checkpoints } from './checkpoint-writer.js';
import { BlockFailedError, withRowId } from './errors.js';
import { decideFault } from './fault-policy.js';
import { allResults, isSamePhase, type OpenPhase, openPhase, reportPhase } from './open-phase.js';
import type { ExecutorFault } from './placements/placement.js';
import type {
  BlockCommand,
  BlockReply,
  BlockResult,
  MoverCommand,
  MoverReply,
  SupervisorCommand,
  WriterCommand,
  WriterReply,
} from './protocol.js';
import type { RunEvent } from './run-event.js';
import { initialState, nothingSpent, type SupervisorState } from './supervisor-state.js';
import type { SwappableExecutor } from './swappable-executor.js';

/** What the supervisor is given and whom it tells. */
export interface Supervision {
  readonly job: Job;
  /** Errors of the iterations that a restored job has behind it. */
  readonly history: readonly IterationMetrics[];
  readonly executor: Pick<SwappableExecutor, 'broadcast' | 'takeLateAnswers'>;
  readonly blocks: Readonly<Record<Side, readonly Ref<BlockCommand>[]>>;
  readonly mover: Ref<MoverCommand>;
  /** Who writes checkpoints, if anybody does, and after how many iterations. */
  readonly writer:
    | (Pick<Checkpoints, 'every' | 'kept'> & { readonly ref: Ref<WriterCommand> })
    | undefined;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  readonly onEvent: (event: RunEvent) => void;
  readonly onFinished: () => void;
  readonly onFailed: (error: unknown) => void;
}

/**
 * Starts the actor that sequences the phases: it broadcasts the fixed side, waits for every block
 * of the phase, adds their sums in block order and goes on to the next phase.
 *
 * Whatever else may happen happens between two phases, in this order: a checkpoint is taken, once
 * the one before is written; the job moves; it waits while it is paused.
 */
export function spawnSupervisor(
  system: ActorSystem,
  supervision: Supervision,
): Ref<SupervisorCommand> {
  const { job, executor, blocks, mover, writer, now, onEvent, onFinished, onFailed } = supervision;
  const { iterations } = job.options;
  const reducer = new PhaseReducer(job, supervision.history);
  const history = [...supervision.history];
  const phases = phasesOf(job.layout, iterations, history.length);
  const nextPhase = () => phases.next().value ?? undefined;

  return system.spawn<SupervisorState, SupervisorCommand>('supervisor', {
    initialState: initialState(nextPhase()),
    receive(state, command, self) {
      switch (command.type) {
        case 'proceed':
          return state.stage === 'over' ? state : goOn({ ...state, stage: 'running' }, self);
        case 'pause':
          return { ...state, isPaused: true };
        case 'resume':
          return goOn({ ...state, isPaused: false }, self);
        case 'go-to':
          return goOn({ ...state, wanted: command.placement }, self);
        case 'executor-fault':
          return tellFault(state, command.fault);
        case 'moved':
        case 'stayed':
          return takeMove(state, command, self);
        case 'written':
        case 'unwritten':
          return takeCheckpoint(state, command, self);
        case 'solved':
        case 'failed':
          if (state.open === undefined || !isSamePhase(state.open.id, command.phase)) {
            return { ...state, lateReplies: state.lateReplies + 1 };
          }
          return command.type === 'solved'
            ? takeResult(state, state.open, command, self)
            : takeFailure(state, state.open, command, self);
        default:
          return command satisfies never;
      }
    },
    onFault: onFailed,
  });

  /** Goes on when what its events made others ask for, a pause or a move, has arrived. */
  function goOnLater(state: SupervisorState, self: Ref<SupervisorCommand>): SupervisorState {
    dispatch(self, { type: 'proceed' });
    return { ...state, stage: 'waiting to proceed' };
  }

  /** Does what is to be done next, unless a phase or a move is under way. */
  function goOn(
    state: SupervisorState,
    self: Ref<SupervisorCommand>,
  ): SupervisorState | Promise<SupervisorState> {
    if (state.stage !== 'running' || state.open !== undefined || state.isMoving) return state;
    if (state.isCheckpointDue) {
      // Memory and disk have room for one at a time, so a slow disk holds the job up here.
      if (state.isWriting) return state;
      const snapshot = takeSnapshot(job, history, writer!.kept());
      dispatch(writer!.ref, { type: 'write', snapshot, replyTo: self });
      return goOn({ ...state, isCheckpointDue: false, isWriting: true }, self);
    }
    if (state.next === undefined) {
      if (state.isWriting) return state;
      onFinished();
      return { ...state, stage: 'over' };
    }
    if (state.wanted !== undefined) {
      dispatch(mover, { type: 'move', placement: state.wanted, replyTo: self });
      return { ...state, wanted: undefined, isMoving: true };
    }
    return state.isPaused ? state : openNextPhase(state, state.next, self);
  }

  async function openNextPhase(
    state: SupervisorState,
    id: PhaseId,
    self: Ref<SupervisorCommand>,
  ): Promise<SupervisorState> {
    const startMs = now();
    const broadcast = await executor.broadcast(id);
    const actors = blocks[id.side];
    for (const actor of actors) dispatch(actor, { type: 'solve', phase: id, replyTo: self });
    const open = openPhase(id, actors.length, { startMs, broadcast });
    return { ...state, open, next: nextPhase() };
  }

  function takeResult(
    state: SupervisorState,
    open: OpenPhase,
    { block, result }: Extract<BlockReply, { type: 'solved' }>,
    self: Ref<SupervisorCommand>,
  ): SupervisorState {
    const grown = { ...open, results: open.results.with(block, result) };
    const results = allResults(grown);
    if (results === undefined) return { ...state, open: grown };
    return goOnLater(closePhase({ ...state, open: undefined }, open, results), self);
  }

  function takeFailure(
    state: SupervisorState,
    open: OpenPhase,
    { block, error: failure }: Extract<BlockReply, { type: 'failed' }>,
    self: Ref<SupervisorCommand>,
  ): SupervisorState {
    const error = withRowId(failure, job);
    const attempts = open.attempts[block]!;
    const action = decideFault(error, attempts);
    const { side, iteration } = open.id;
    const { message } = error;
    onEvent({ type: 'fault', part: 'block', iteration, side, block, attempts, message, action });
    if (action === 'give-up') {
      onFailed(new BlockFailedError(side, block, attempts, error));
      return { ...state, open: undefined, stage: 'over' };
    }
    dispatch(blocks[side][block]!, { type: 'solve', phase: open.id, replyTo: self });
    return { ...state, open: { ...open, attempts: open.attempts.with(block, attempts + 1) } };
  }

  function closePhase(
    state: SupervisorState,
    open: OpenPhase,
    results: readonly BlockResult[],
  ): SupervisorState {
    const sums: BlockSums[] = results.map((result) => result.sums);
    // Before anything is told or a checkpoint is due: what is broken is neither.
    const errors = reducer.close(open.id, sums);
    const seconds = (now() - open.startMs) / 1000;
    const iterationSoFar = {
      seconds: state.iteration.seconds + seconds,
      broadcastBytes: state.iteration.broadcastBytes + open.broadcast.bytes,
    };
    const spent = { ...state, iteration: iterationSoFar };
    if (open.id.kind === 'gram') return spent;
    const lateAnswers = state.lateReplies + executor.takeLateAnswers();
    onEvent({ ...reportPhase(job, open, results, seconds), lateAnswers });
    if (errors === undefined) return { ...spent, lateReplies: 0 };
    if (writer !== undefined) history.push(errors);
    onEvent({ type: 'iteration', ...errors, ...iterationSoFar });
    const { iteration } = errors;
    const isDue = writer !== undefined && iteration % writer.every === 0;
    return {
      ...state,
      lateReplies: 0,
      iteration: nothingSpent,
      isCheckpointDue: isDue || (writer !== undefined && iteration === iterations),
    };
  }

  function tellFault(state: SupervisorState, fault: ExecutorFault): SupervisorState {
    if (state.stage === 'over') return state;
    const { iteration } = state.open?.id ?? state.next ?? { iteration: iterations };
    onEvent({ type: 'fault', ...fault, iteration });
    return state;
  }

  function takeMove(
    state: SupervisorState,
    reply: MoverReply,
    self: Ref<SupervisorCommand>,
  ): SupervisorState {
    // It moves for a phase only, so there is one to come.
    const { iteration, side } = state.next!;
    if (reply.type === 'moved') {
      const { from, to } = reply;
      onEvent({ type: 'moved', iteration, side, from, to });
    } else {
      const { wanted: placement, error } = reply;
      const { message } = error;
      onEvent({ type: 'fault', part: 'placement', iteration, placement, message, action: 'stay' });
    }
    return goOnLater({ ...state, isMoving: false }, self);
  }

  function takeCheckpoint(
    state: SupervisorState,
    reply: WriterReply,
    self: Ref<SupervisorCommand>,
  ): SupervisorState {
    const { iteration } = reply;
    if (reply.type === 'written') {
      const { path, bytes, seconds } = reply;
      onEvent({ type: 'checkpoint', iteration, path, bytes, seconds });
    } else {
      const { message } = reply.error;
      onEvent({ type: 'fault', part: 'checkpoint', iteration, message, action: 'go-on' });
    }
    // Between phases it may be waiting for this; in a phase there is nothing to do.
    return state.open === undefined
      ? goOnLater({ ...state, isWriting: false }, self)
      : { ...state, isWriting: false };
  }
}
