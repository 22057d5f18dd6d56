import type { PhaseId } from '../src/training/phases.js';
import type { OpenPhase } from './open-phase.js';
import type { Placement } from './placements/placement.js';

/** What the supervisor remembers from one message to the next. */
export interface SupervisorState {
  /** The phase under way. Without one the job is between phases, or has not begun, or is over. */
  readonly open: OpenPhase | undefined;
  /** The phase to open; undefined after the last one. */
  readonly next: PhaseId | undefined;
  readonly stage: 'waiting to proceed' | 'running' | 'over';
  /** What the phases of this iteration have taken and sent so far. */
  readonly iteration: { readonly seconds: number; readonly broadcastBytes: number };
  readonly isPaused: boolean;
  /** Where to go before the next phase. */
  readonly wanted: Placement | undefined;
  readonly isMoving: boolean;
  /** Whether the iteration that is done has yet to be handed to the writer. */
  readonly isCheckpointDue: boolean;
  readonly isWriting: boolean;
  /** Replies that came too late to count, since the last phase was reported. */
  readonly lateReplies: number;
}

/** An iteration of which nothing is done. */
export const nothingSpent = Object.freeze({ seconds: 0, broadcastBytes: 0 });

/** Before the first phase, which is `next`; undefined if all are done already. */
export function initialState(next: PhaseId | undefined): SupervisorState {
  return {
    open: undefined,
    next,
    stage: 'waiting to proceed',
    iteration: nothingSpent,
    isPaused: false,
    wanted: undefined,
    isMoving: false,
    isCheckpointDue: false,
    isWriting: false,
    lateReplies: 0,
  };
}
