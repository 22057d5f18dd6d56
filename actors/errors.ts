import { NumericalError, SeesawError, SingularSystemError } from '../src/errors.js';
import type { Side } from '../src/ratings/ratings.js';
import type { Job } from '../src/training/job.js';
import { extremesOf, likelyCauses } from '../src/training/likely-causes.js';

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

/** A NATS server cannot be reached, refuses these credentials, or lacks what is needed. */
export class ConnectionError extends SeesawError {
  override readonly name = 'ConnectionError';
  readonly code = 'ERR_CONNECTION';
}

/** A node stopped answering, or left, while it had a task. Another one takes its blocks. */
export class NodeLostError extends SeesawError {
  override readonly name = 'NodeLostError';
  readonly code = 'ERR_NODE_LOST';
  /** Name of the node. */
  readonly node: string;

  constructor(node: string, reason: string) {
    super(`node ${node} is lost: ${reason}`);
    this.node = node;
  }
}

/** A message or a part of a job that came over the network is invalid. */
export class InvalidMessageError extends SeesawError {
  override readonly name = 'InvalidMessageError';
  readonly code = 'ERR_INVALID_MESSAGE';

  constructor(found: string, expected: string) {
    super(`found ${found}; expected ${expected}; try one version of seesaw everywhere`);
  }
}

/** The error with the caller's id of the row; kernels know only its number. */
export function withRowId(error: Error, job: Job): Error {
  const { ratings, settings } = job;
  if (!(error instanceof SingularSystemError) || error.row === undefined) return error;
  const { ids, positions } = error.side === 'user' ? ratings.users : ratings.items;
  const id = ids.at(positions[error.row]!);
  if (settings.loss.regularization > 0) {
    // In exact arithmetic no such system is singular.
    const causes = likelyCauses(extremesOf(job));
    return new NumericalError(error.side, `singular equations of ${error.side} ${id}`, { causes });
  }
  return new SingularSystemError(error.side, error.row, { id, cause: error });
}
