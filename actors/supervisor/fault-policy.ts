import {
  KernelFaultError,
  KernelUnavailableError,
  NumericalError,
  PlacementError,
  SingularSystemError,
  SourceError,
} from '../../src/errors.js';
import { ConnectionError, NodeMemoryError } from '../errors.js';

/** What the supervisor does about a block that failed. */
export type FaultDecision = 'solve-again' | 'give-up';

/** A block is solved this many times at most in one phase. */
export const maxAttempts = 3;

/**
 * A dead thread or a failed allocation may go better next time. Arithmetic that is impossible never
 * will, nor will a kernel that traps or is missing, nor a placement that has lost all of its workers,
 * the memory of too many or its connection, nor a disk that is full. A placement that loses one node of several reports a fault and does not fail.
 *
 * @param attempts how often the block has been tried in this phase, ≥ 1
 */
export function decideFault(error: Error, attempts: number): FaultDecision {
  const isFinal = [
    SingularSystemError,
    NumericalError,
    KernelFaultError,
    KernelUnavailableError,
    PlacementError,
    ConnectionError,
    NodeMemoryError,
    SourceError,
  ];
  if (isFinal.some((kind) => error instanceof kind)) return 'give-up';
  return attempts < maxAttempts ? 'solve-again' : 'give-up';
}
