import { InvalidMessageError } from '../../../errors.js';
import { type NodeCommand, subjects } from '../protocol/messages.js';
import { readCommand } from '../protocol/read-command.js';
import { agreeOnKey, type KeyPair } from '../seal/agree-on-key.js';
import { Seal, tagBytes } from '../seal/seal.js';

/** A request to a worker to join a job. */
export interface Invitation {
  readonly command: Extract<NodeCommand, { type: 'join' }>;
  /** Seals the messages between worker and supervisor. */
  readonly seal: Seal;
}

/**
 * Reads a request to join, and agrees on a key with its sender. The seal proves that the sender has
 * the private key to the public key in it. Throws if the request is invalid.
 */
export function readInvitation(payload: Uint8Array, keys: KeyPair, worker: string): Invitation {
  const command = readCommand(payload.subarray(0, -tagBytes));
  if (command.type !== 'join') throw new InvalidMessageError(command.type, 'join');
  const seal = new Seal(agreeOnKey(keys, command.key, command.job, worker));
  seal.open(subjects.join(worker), payload);
  return { command, seal };
}
