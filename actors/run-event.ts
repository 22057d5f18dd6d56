import type { Side } from '../src/ratings/ratings.js';
import type { IterationErrors } from '../src/training/accounts.js';

/** What the supervisor reports while it works, in this order within an iteration. */
export type RunEvent = PhaseReport | FaultReport | IterationReport;

/** Every row of one side is solved. */
export interface PhaseReport {
  readonly type: 'phase';
  readonly iteration: number;
  readonly side: Side;
  /** From the broadcast to the last block's reply. */
  readonly seconds: number;
  /** Bytes sent to hand the fixed side out; 0 where memory is shared. */
  readonly broadcastBytes: number;
  /** In block order. */
  readonly blocks: readonly PhaseBlock[];
}

/** One block's share of a phase: how much it was, how long it took, where it ran. */
export interface PhaseBlock {
  readonly block: number;
  readonly rows: number;
  readonly ratings: number;
  /** Time of the block's arithmetic. */
  readonly seconds: number;
  /** Where it ran, for people: `event loop`, `thread 3`. */
  readonly where: string;
}

/** Something broke, and what was done about it. */
export interface FaultReport {
  readonly type: 'fault';
  readonly iteration: number;
  readonly side: Side;
  readonly block: number;
  /** How often the block has been tried in this phase. */
  readonly attempts: number;
  readonly message: string;
  readonly action: 'solve-again' | 'give-up';
}

/** Both sides are solved once more. */
export interface IterationReport extends IterationErrors {
  readonly type: 'iteration';
  /** Both phases, and the sums between them. */
  readonly seconds: number;
  readonly broadcastBytes: number;
}
