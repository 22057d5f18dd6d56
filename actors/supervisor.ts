import { SingularSystemError } from '../src/errors.js';
import type { BlockSums } from '../src/kernels/kernel.js';
import { rowsOf, type Side } from '../src/ratings/ratings.js';
import { Accounts } from '../src/training/accounts.js';
import type { Job } from '../src/training/job.js';
import { type PhaseId, phasesOf } from '../src/training/phases.js';
import { type ActorSystem, dispatch, type Ref } from './actor-system.js';
import { BlockFailedError } from './errors.js';
import { decideFault } from './fault-policy.js';
import type { PlacedJob } from './placements/placement.js';
import type { BlockCommand, BlockReply, BlockResult, SupervisorCommand } from './protocol.js';
import type { PhaseBlock, RunEvent } from './run-event.js';

/** What the supervisor is given and whom it tells. */
export interface Supervision {
  readonly job: Job;
  readonly place: PlacedJob;
  readonly blocks: Readonly<Record<Side, readonly Ref<BlockCommand>[]>>;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  readonly onEvent: (event: RunEvent) => void;
  readonly onFinished: () => void;
  readonly onFailed: (error: unknown) => void;
}

/** A phase under way: replies by block, undefined while one is missing. */
interface OpenPhase {
  readonly id: PhaseId;
  readonly startMs: number;
  readonly broadcastBytes: number;
  readonly results: readonly (BlockResult | undefined)[];
  readonly attempts: readonly number[];
}

interface SupervisorState {
  readonly open: OpenPhase | undefined;
  /** When the iteration began, and what its phases have sent so far. */
  readonly iteration: { readonly startMs: number; readonly broadcastBytes: number };
  /** Replies that came too late to count. */
  readonly droppedReplies: number;
}

/**
 * Starts the actor that sequences the phases: it broadcasts the fixed side, waits for every block
 * of the phase, adds their sums in block order and goes on to the next phase.
 */
export function spawnSupervisor(
  system: ActorSystem,
  supervision: Supervision,
): Ref<SupervisorCommand> {
  const { job, place, blocks, now, onEvent, onFinished, onFailed } = supervision;
  const accounts = new Accounts(job);
  const phases = phasesOf(job.layout, job.options.iterations);

  return system.spawn<SupervisorState, SupervisorCommand>('supervisor', {
    initialState: {
      open: undefined,
      iteration: { startMs: 0, broadcastBytes: 0 },
      droppedReplies: 0,
    },
    receive(state, command, self) {
      switch (command.type) {
        case 'begin':
          return openNextPhase(state, self);
        case 'solved':
        case 'failed':
          if (state.open === undefined || !samePhase(state.open.id, command.phase)) {
            return { ...state, droppedReplies: state.droppedReplies + 1 };
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

  async function openNextPhase(
    state: SupervisorState,
    self: Ref<SupervisorCommand>,
  ): Promise<SupervisorState> {
    const { value: id, done } = phases.next();
    if (done || id === undefined) {
      onFinished();
      return { ...state, open: undefined };
    }
    const startMs = now();
    const broadcastBytes = await place.broadcast(id);
    const actors = blocks[id.side];
    for (const actor of actors) dispatch(actor, { type: 'solve', phase: id, replyTo: self });
    const beginsIteration = id.kind === 'gram' || id.side === job.layout.phaseOrder[0];
    return {
      ...state,
      open: {
        id,
        startMs,
        broadcastBytes,
        results: actors.map(() => undefined),
        attempts: actors.map(() => 1),
      },
      iteration: beginsIteration
        ? { startMs, broadcastBytes }
        : { ...state.iteration, broadcastBytes: state.iteration.broadcastBytes + broadcastBytes },
    };
  }

  function takeResult(
    state: SupervisorState,
    open: OpenPhase,
    { block, result }: Extract<BlockReply, { type: 'solved' }>,
    self: Ref<SupervisorCommand>,
  ): SupervisorState | Promise<SupervisorState> {
    const results = open.results.with(block, result);
    if (!results.every((known) => known !== undefined)) {
      return { ...state, open: { ...open, results } };
    }
    closePhase(state, open, results);
    return openNextPhase(state, self);
  }

  function takeFailure(
    state: SupervisorState,
    open: OpenPhase,
    { block, error: failure }: Extract<BlockReply, { type: 'failed' }>,
    self: Ref<SupervisorCommand>,
  ): SupervisorState {
    const error = withId(failure, job);
    const attempts = open.attempts[block]!;
    const action = decideFault(error, attempts);
    const { side, iteration } = open.id;
    const { message } = error;
    onEvent({ type: 'fault', iteration, side, block, attempts, message, action });
    if (action === 'give-up') {
      onFailed(new BlockFailedError(side, block, attempts, error));
      return { ...state, open: undefined };
    }
    dispatch(blocks[side][block]!, { type: 'solve', phase: open.id, replyTo: self });
    return { ...state, open: { ...open, attempts: open.attempts.with(block, attempts + 1) } };
  }

  function closePhase(
    state: SupervisorState,
    { id, startMs, broadcastBytes }: OpenPhase,
    results: readonly BlockResult[],
  ): void {
    const sums: BlockSums[] = results.map((result) => result.sums);
    const errors = accounts.close(id, sums);
    if (id.kind === 'gram') return;
    const { side, iteration } = id;
    onEvent({
      type: 'phase',
      iteration,
      side,
      seconds: (now() - startMs) / 1000,
      broadcastBytes,
      blocks: results.map((result, block) => describeBlock(job, side, block, result)),
    });
    if (errors === undefined) return;
    onEvent({
      type: 'iteration',
      ...errors,
      seconds: (now() - state.iteration.startMs) / 1000,
      broadcastBytes: state.iteration.broadcastBytes,
    });
  }
}

/** The error by which the caller knows the row: kernels know its number only. */
function withId(error: Error, { ratings }: Job): Error {
  if (!(error instanceof SingularSystemError) || error.row === undefined) return error;
  const { ids, positions } = error.side === 'user' ? ratings.users : ratings.items;
  const id = ids.at(positions[error.row]!);
  return new SingularSystemError(error.side, error.row, { id, cause: error });
}

function samePhase(a: PhaseId, b: PhaseId): boolean {
  return a.kind === b.kind && a.iteration === b.iteration && a.side === b.side;
}

function describeBlock(job: Job, side: Side, block: number, result: BlockResult): PhaseBlock {
  const { blockStarts } = job.layout[side];
  const { offsets } = rowsOf(job.ratings, side);
  const [first, end] = [blockStarts[block]!, blockStarts[block + 1]!];
  return {
    block,
    rows: end - first,
    ratings: offsets[end]! - offsets[first]!,
    seconds: result.seconds,
    where: result.where,
  };
}
