import type { Seal } from '../seal/seal.js';
import type { Member } from './member.js';

/** What a worker says when it has put rows where they belong: who it is, sealed for where it says so. */
export function acknowledgementOf(worker: string, seal: Seal, replyTo: string): Uint8Array {
  return seal.close(`acknowledged ${replyTo}`, new TextEncoder().encode(worker));
}

/** Which of these nodes has said so, or nobody. */
export function acknowledgedBy(
  payload: Uint8Array,
  members: readonly Member[],
  replyTo: string,
): Member | undefined {
  // A tag is not text, and what it decodes to does not matter.
  const text = new TextDecoder().decode(payload);
  return members.find(({ hello: { worker }, seal }) => {
    if (!text.startsWith(worker)) return false;
    try {
      const found = seal.open(`acknowledged ${replyTo}`, payload);
      return new TextDecoder().decode(found) === worker;
    } catch {
      return false;
    }
  });
}
