import { InvalidMessageError } from '../../../errors.js';
import { type NodeCommand, subjects } from '../protocol/messages.js';
import { readCommand } from '../protocol/read-message.js';
import { agreeOnKey, type KeyPair } from '../seal/agree-on-key.js';
import { Seal, tagBytes } from '../seal/seal.js';

/** Asks a worker to join a job. */
export interface Invitation {
  readonly command: Extract<NodeCommand, { type: 'join' }>;
  /** Of what the supervisor says, and is told. */
  readonly seal: Seal;
}

/**
 * Reads what asks a worker to join, and agrees on a key with who asks: who has sealed it has the private
 * half of the key in it. Throws if it is nothing of the kind.
 */
export function readInvitation(payload: Uint8Array, keys: KeyPair, worker: string): Invitation {
  const command = readCommand(payload.subarray(0, -tagBytes));
  if (command.type !== 'join') throw new InvalidMessageError(command.type, 'join');
  const seal = new Seal(agreeOnKey(keys, command.key, command.job, worker));
  seal.open(subjects.join(worker), payload);
  return { command, seal };
}
