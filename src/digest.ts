import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** What is hashed between two turns of the event loop: about 10 ms. */
const chunkBytes = 2 ** 24;

/**
 * SHA-256 of the bytes of `parts`, one after the other, as 64 hexadecimal digits. The event loop
 * turns in between, so that a large digest does not block it for long.
 */
export async function sha256(parts: Iterable<ArrayBufferView>): Promise<string> {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of parts) {
    for (let at = 0; at < byteLength; at += chunkBytes) {
      if (at > 0) await nextTurn();
      const bytes = Math.min(chunkBytes, byteLength - at);
      hash.update(new Uint8Array(buffer, byteOffset + at, bytes));
    }
  }
  return hash.digest('hex');
}
