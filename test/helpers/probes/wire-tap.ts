import { connect } from '@nats-io/transport-node';
import type { ExecutionContext } from 'ava';

/** A message between a supervisor and its nodes, as it passes the server. */
export interface PassingMessage {
  readonly subject: string;
  /** Its JSON as text; what lies behind it is left out. */
  readonly text: string;
}

/** Hears every message of every job as it passes the server, and answers none. */
export async function tapWire(
  t: Pick<ExecutionContext, 'teardown'>,
  servers: string,
  hear: (message: PassingMessage) => void,
): Promise<void> {
  const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 250 });
  t.teardown(() => connection.close());
  connection.subscribe('>', {
    callback(error, { subject, data }) {
      if (error) return;
      const end = data.indexOf(0);
      hear({ subject, text: new TextDecoder().decode(end < 0 ? data : data.subarray(0, end)) });
    },
  });
  await connection.flush();
}

/** Whether a message goes to or comes from a worker of this name, on behalf of a job. */
export function isOf(name: string, { subject }: PassingMessage): boolean {
  return !subject.startsWith('seesaw.hello.') && subject.includes(`.${name}.`);
}
