import { connect } from '@nats-io/transport-node';
import { twists } from '../builders/damaged-messages.js';

/** A client with every permission that answers messages with nonsense. */
export interface Noise {
  /** Messages that were sent. */
  readonly sent: () => number;
  stop(): Promise<void>;
}

/**
 * Hears every message of nodes and supervisors, and sends a changed copy of every few to the same subject:
 * right names and numbers, wrong fields.
 */
export async function makeNoise(servers: string, seed: number): Promise<Noise> {
  const connection = await connect({ servers, noEcho: true, name: 'noise' });
  const ways = twists(seed, 2_000);
  let heard = 0;
  let sent = 0;
  connection.subscribe('seesaw.>', {
    callback(_, { subject, data }) {
      // With the seal of what was changed, or none.
      const seals = subject.startsWith('seesaw.hello') ? [0] : [16];
      const message = asMessage(data.subarray(0, data.length - seals[0]!));
      if (message === undefined) return;
      if (heard++ % 4 === 0) connection.publish(subject, ways[sent++ % ways.length]!(message));
    },
  });
  await connection.flush();
  return { sent: () => sent, stop: () => connection.close() };
}

function asMessage(data: Uint8Array): object | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}
