import type { IterationMetrics } from '../../src/training/iteration-metrics.js';
import type { PhaseId } from '../../src/training/phases.js';
import type { Placement } from '../placements/placement.js';
import type { OpenPhase } from './open-phase.js';

/** What the supervisor remembers from one message to the next. */
export interface SupervisorState {
  /** The phase under way. Without one the job is between phases, or has not begun, or is over. */
  readonly open: OpenPhase | undefined;
  /** The phase to open; undefined after the last one. */
  readonly next: PhaseId | undefined;
  readonly stage: 'waiting to proceed' | 'running' | 'over';
  /** What the phases of this iteration have taken and sent so far. */
  readonly iteration: { readonly seconds: number; readonly broadcastBytes: number };
  /** Metrics of the iterations that are done, in order. */
  readonly history: readonly IterationMetrics[];
  readonly isPaused: boolean;
  /** Where to go before the next phase. */
  readonly wanted: Placement | undefined;
  readonly isMoving: boolean;
  /** Whether the iteration that is done has yet to be given to the writer. */
  readonly isCheckpointDue: boolean;
  /** The iteration that is being written, if one is. */
  readonly writing: number | undefined;
  /** Replies that came too late to count, since the last phase was reported. */
  readonly lateReplies: number;
}

/** An iteration of which nothing is done. */
export const nothingSpent = Object.freeze({ seconds: 0, broadcastBytes: 0 });

/**
 * Before the first phase.
 *
 * @param next the first phase, or undefined if all are done already
 * @param history metrics of the iterations that a restored job has behind it
 */
export function initialState(
  next: PhaseId | undefined,
  history: readonly IterationMetrics[],
): SupervisorState {
  return {
    open: undefined,
    next,
    stage: 'waiting to proceed',
    iteration: nothingSpent,
    history,
    isPaused: false,
    wanted: undefined,
    isMoving: false,
    isCheckpointDue: false,
    writing: undefined,
    lateReplies: 0,
  };
}
