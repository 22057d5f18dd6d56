import { SeesawError, SingularSystemError } from '../src/errors.js';
import type { Side } from '../src/ratings/ratings.js';
import type { Job } from '../src/training/job.js';

/** A block could not be solved, however often it was tried. `cause` is the last failure. */
export class BlockFailedError extends SeesawError {
  override readonly name = 'BlockFailedError';
  readonly code = 'ERR_BLOCK_FAILED';
  readonly side: Side;
  readonly block: number;
  readonly attempts: number;

  constructor(side: Side, block: number, attempts: number, cause: Error) {
    const tries = attempts === 1 ? 'once' : `${attempts} times`;
    super(`${side} block ${block} failed ${tries}: ${cause.message}`, { cause });
    this.side = side;
    this.block = block;
    this.attempts = attempts;
  }
}

/** A placement cannot start its workers, or has lost them. */
export class PlacementError extends SeesawError {
  override readonly name = 'PlacementError';
  readonly code = 'ERR_PLACEMENT';
}

/** A task ended early because its run was stopped. Seen inside only. */
export class StoppedError extends SeesawError {
  override readonly name = 'StoppedError';
  readonly code = 'ERR_STOPPED';

  constructor() {
    super('the run was stopped');
  }
}

/** The error by which the caller knows the row: kernels know its number only. */
export function withRowId(error: Error, { ratings }: Job): Error {
  if (!(error instanceof SingularSystemError) || error.row === undefined) return error;
  const { ids, positions } = error.side === 'user' ? ratings.users : ratings.items;
  const id = ids.at(positions[error.row]!);
  return new SingularSystemError(error.side, error.row, { id, cause: error });
}
