import { mebibytes, NumericalError, SeesawError, SingularSystemError } from '../src/errors.js';
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

/** The workers that are there offer too little memory for a job, or for one block of it. */
export class NodeMemoryError extends SeesawError {
  override readonly name = 'NodeMemoryError';
  readonly code = 'ERR_NODE_MEMORY';
  /** Bytes that the job takes on these workers and the ones that are missing, or one block alone. */
  readonly neededBytes: number;
  /** Bytes that the workers offer, or the largest of them where one block is too large. */
  readonly offeredBytes: number;
  /** How many more workers like the largest one would do; undefined if no number would. */
  readonly moreWorkers: number | undefined;

  /** @param workerBytes what a missing worker offers */
  constructor(
    neededBytes: number,
    offeredBytes: number,
    moreWorkers?: number,
    workerBytes = offeredBytes,
  ) {
    const sizes = (what: string, offered: string) =>
      `${what} needs ${mebibytes(neededBytes)} of memory; ${offered} ${mebibytes(offeredBytes)}; `;
    const workers = moreWorkers === 1 ? '1 more worker' : `${moreWorkers} more workers`;
    super(
      moreWorkers === undefined
        ? `${sizes('one block alone', 'a worker has room for')}try workers with more --memory, or more blocks`
        : `${sizes('the job', 'the workers that are there offer')}` +
            `try ${workers} with --memory ${mebibytes(workerBytes).replace(/[ ,]/g, '')}`,
    );
    this.neededBytes = neededBytes;
    this.offeredBytes = offeredBytes;
    this.moreWorkers = moreWorkers;
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
