import type { Node } from '../cluster/node.js';
import type { Seal } from '../seal/seal.js';

/** A worker's acknowledgement of rows: its name, sealed for the subject of the reply. */
export function acknowledgementOf(worker: string, seal: Seal, replyTo: string): Uint8Array {
  return seal.close(`acknowledged ${replyTo}`, new TextEncoder().encode(worker));
}

/** The node that sent an acknowledgement; undefined if it is none of these. */
export function acknowledgedBy(
  payload: Uint8Array,
  nodes: readonly Node[],
  replyTo: string,
): Node | undefined {
  // A tag is not text, and what it decodes to does not matter.
  const text = new TextDecoder().decode(payload);
  return nodes.find(({ hello: { worker }, seal }) => {
    if (!text.startsWith(worker)) return false;
    try {
      const found = seal.open(`acknowledged ${replyTo}`, payload);
      return new TextDecoder().decode(found) === worker;
    } catch {
      return false;
    }
  });
}
