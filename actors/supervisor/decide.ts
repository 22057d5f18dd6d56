import type { Side } from '../../src/ratings/ratings.js';
import type { IterationMetrics } from '../../src/training/iteration-metrics.js';
import { type PhaseId, type PhaseOrder, phaseAfter } from '../../src/training/phases.js';
import { BlockFailedError } from '../errors.js';
import type { Placement } from '../placements/placement.js';
import type { BlockReply, MoverReply, SupervisorCommand, WriterReply } from '../protocol.js';
import type { PhaseReport, RunEvent } from '../run-event.js';
import { decideFault } from './fault-policy.js';
import {
  allResults,
  isSamePhase,
  type OpenPhase,
  openPhase,
  type TimedResult,
} from './open-phase.js';
import { nothingSpent, type SupervisorState } from './supervisor-state.js';

/** What does not change while a job runs. */
export interface RunPlan extends PhaseOrder {
  /** Blocks a side, ≥ 1. */
  readonly blocks: Readonly<Record<Side, number>>;
  /** A checkpoint after every so many iterations and after the last one; undefined for none. */
  readonly checkpointEvery: number | undefined;
  /** Whether the writer reads the rows of an iteration while the next one runs, where they lie. */
  readonly areRowsLent?: boolean;
}

/** An action that `decide` asks for; the supervisor performs it. */
export type Effect =
  | { readonly type: 'emit'; readonly event: RunEvent }
  /** Broadcast the fixed side, then give every block of the phase to its actor. */
  | { readonly type: 'open-phase'; readonly phase: PhaseId }
  | { readonly type: 'solve-again'; readonly phase: PhaseId; readonly block: number }
  /** Reduce the blocks' sums in block order. Answered with `reduced` before any other command. */
  | {
      readonly type: 'reduce';
      readonly phase: PhaseId;
      readonly results: readonly TimedResult[];
      /** By block: how often it was handed out. */
      readonly attempts: readonly number[];
    }
  | { readonly type: 'write'; readonly history: readonly IterationMetrics[] }
  | { readonly type: 'move'; readonly placement: Placement }
  /** Send `proceed` to the supervisor itself, behind what is in its mailbox. */
  | { readonly type: 'proceed-later' }
  | { readonly type: 'complete' }
  | { readonly type: 'fail'; readonly error: Error };

/** The sums of a phase are reduced, and its Gram matrix lies where the next phase reads it. */
export interface Reduced {
  readonly type: 'reduced';
  readonly phase: PhaseId;
  /** `lateAnswers` without the replies that the supervisor dropped itself. */
  readonly report: PhaseReport;
  /** After the second phase of an iteration. */
  readonly metrics: IterationMetrics | undefined;
}

/** What follows from a command. */
export interface Decision {
  readonly state: SupervisorState;
  /** To be done in this order. */
  readonly effects: readonly Effect[];
}

/**
 * Sequences the phases of a job: opens one, waits for all of its blocks, has their sums reduced, and
 * goes on. Pure: it reads no clock and no memory, and sends nothing.
 *
 * Between two phases, in this order: a checkpoint is taken, once the one before is written; the job
 * moves; it waits while it is paused.
 */
export function decide(
  plan: RunPlan,
  state: SupervisorState,
  command: SupervisorCommand | Reduced,
): Decision {
  switch (command.type) {
    case 'proceed':
      return state.stage === 'over' ? only(state) : goOn(plan, { ...state, stage: 'running' });
    case 'pause':
      return only({ ...state, isPaused: true });
    case 'resume':
      return goOn(plan, { ...state, isPaused: false });
    case 'go-to':
      return goOn(plan, { ...state, wanted: command.placement });
    case 'executor-fault': {
      if (state.stage === 'over') return only(state);
      const phase = state.open?.id ?? state.next;
      const iteration = phase === undefined ? plan.iterations : toldIteration(phase);
      return only(state, emit({ type: 'fault', ...command.fault, iteration }));
    }
    case 'moved':
    case 'stayed':
      // The job moves for a phase only, so there is one to come.
      return proceedLater({ ...state, isMoving: false }, emit(describeMove(state.next!, command)));
    case 'written':
    case 'unwritten': {
      const event = emit(describeWriting(command));
      const done = { ...state, writing: undefined };
      // Between phases it may be waiting for this; in a phase there is nothing to do.
      return state.open === undefined ? proceedLater(done, event) : only(done, event);
    }
    case 'solved':
    case 'failed':
      if (state.open === undefined || !isSamePhase(state.open.id, command.phase)) {
        return only({ ...state, lateReplies: state.lateReplies + 1 });
      }
      return command.type === 'solved'
        ? takeResult(state, state.open, command)
        : takeFailure(state, state.open, command);
    case 'reduced':
      return takeReduced(plan, state, command);
    default:
      return command satisfies never;
  }
}

/** What is to be done next, unless a phase or a move is under way. */
function goOn(plan: RunPlan, state: SupervisorState): Decision {
  const { next, wanted } = state;
  if (state.stage !== 'running' || state.open !== undefined || state.isMoving) return only(state);
  if (state.isCheckpointDue) {
    // Memory and disk have room for one at a time, so a slow disk holds the job up here.
    if (state.writing !== undefined) return only(state);
    const { iteration } = state.history.at(-1)!;
    const writing = { ...state, isCheckpointDue: false, writing: iteration };
    const { state: after, effects } = goOn(plan, writing);
    return { state: after, effects: [{ type: 'write', history: state.history }, ...effects] };
  }
  if (next === undefined) {
    if (state.writing !== undefined) return only(state);
    return only({ ...state, stage: 'over' }, emit({ type: 'trained' }), { type: 'complete' });
  }
  if (wanted !== undefined) {
    const moving = { ...state, wanted: undefined, isMoving: true };
    return only(moving, { type: 'move', placement: wanted });
  }
  if (state.isPaused) return only(state);
  // The one after the next is written over the rows.
  if (plan.areRowsLent && next.iteration > (state.writing ?? next.iteration) + 1)
    return only(state);
  const open = openPhase(next, plan.blocks[next.side]);
  return only(
    { ...state, open, next: phaseAfter(plan, next) },
    { type: 'open-phase', phase: next },
  );
}

function takeResult(
  state: SupervisorState,
  open: OpenPhase,
  { block, result, endMs }: Extract<BlockReply, { type: 'solved' }>,
): Decision {
  const grown = { ...open, results: open.results.with(block, { ...result, endMs }) };
  const results = allResults(grown);
  if (results === undefined) return only({ ...state, open: grown });
  const { id: phase, attempts } = open;
  return only({ ...state, open: undefined }, { type: 'reduce', phase, results, attempts });
}

function takeFailure(
  state: SupervisorState,
  open: OpenPhase,
  { block, error }: Extract<BlockReply, { type: 'failed' }>,
): Decision {
  const attempts = open.attempts[block]!;
  const action = decideFault(error, attempts);
  const { side } = open.id;
  const iteration = toldIteration(open.id);
  const { message } = error;
  const fault = { type: 'fault', component: 'block', iteration, side, block } as const;
  const emitted = emit({ ...fault, attempts, message, action });
  if (action === 'give-up') {
    const failure = new BlockFailedError(side, block, attempts, error);
    const over = { ...state, open: undefined, stage: 'over' } as const;
    return only(over, emitted, { type: 'fail', error: failure });
  }
  const again = { ...open, attempts: open.attempts.with(block, attempts + 1) };
  const solve = { type: 'solve-again', phase: open.id, block } as const;
  return only({ ...state, open: again }, emitted, solve);
}

function takeReduced(
  { iterations, checkpointEvery: every }: RunPlan,
  state: SupervisorState,
  { phase, report, metrics }: Reduced,
): Decision {
  const spent = {
    seconds: state.iteration.seconds + report.seconds,
    broadcastBytes: state.iteration.broadcastBytes + report.broadcastBytes,
  };
  const lateAnswers = state.lateReplies + report.lateAnswers;
  if (phase.kind !== 'solve') {
    return proceedLater({ ...state, iteration: spent, lateReplies: lateAnswers });
  }
  const emitted = emit({ ...report, lateAnswers });
  const counted = { ...state, lateReplies: 0 };
  if (metrics === undefined) return proceedLater({ ...counted, iteration: spent }, emitted);
  const { iteration } = metrics;
  const closed = {
    ...counted,
    iteration: nothingSpent,
    history: [...state.history, metrics],
    isCheckpointDue: every !== undefined && (iteration % every === 0 || iteration === iterations),
  };
  return proceedLater(closed, emitted, emit({ type: 'iteration', ...metrics, ...spent }));
}

function describeMove(phase: PhaseId, reply: MoverReply): RunEvent {
  const { side } = phase;
  const iteration = toldIteration(phase);
  if (reply.type === 'moved') {
    const { from, to } = reply;
    return { type: 'moved', iteration, side, from, to };
  }
  const { wanted: placement, error } = reply;
  const { message } = error;
  return { type: 'fault', component: 'placement', iteration, placement, message, action: 'stay' };
}

/** The iteration that people hear of: phases before the first one are all of iteration 0. */
function toldIteration({ iteration }: PhaseId): number {
  return Math.max(iteration, 0);
}

function describeWriting(reply: WriterReply): RunEvent {
  const { iteration } = reply;
  if (reply.type === 'written') {
    const { path, bytes, seconds } = reply;
    return { type: 'checkpoint', iteration, path, bytes, seconds };
  }
  const { message } = reply.error;
  return { type: 'fault', component: 'checkpoint', iteration, message, action: 'go-on' };
}

function emit(event: RunEvent): Effect {
  return { type: 'emit', event };
}

function only(state: SupervisorState, ...effects: readonly Effect[]): Decision {
  return { state, effects };
}

/**
 * Goes on after the commands that listeners send because of the events, such as a pause or a move.
 */
function proceedLater(state: SupervisorState, ...effects: readonly Effect[]): Decision {
  return {
    state: { ...state, stage: 'waiting to proceed' },
    effects: [...effects, { type: 'proceed-later' }],
  };
}
