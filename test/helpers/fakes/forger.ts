import { connect } from '@nats-io/transport-node';
import type { ExecutionContext } from 'ava';
import { randomAt } from '../../../src/random.js';

/**
 * A client with every permission that hears what supervisor and nodes say of jobs, acknowledgements too, and
 * sends changed copies to the same subjects: some bytes differ, and the seal is that of the right one.
 *
 * @returns how many were sent so far
 */
export async function startForger(
  t: Pick<ExecutionContext, 'teardown'>,
  servers: string,
  seed: number,
): Promise<() => number> {
  const connection = await connect({ servers, noEcho: true, name: 'forger' });
  t.teardown(() => connection.close());
  let heard = 0;
  let sent = 0;
  const forge = (subject: string, data: Uint8Array, reply: string | undefined): void => {
    if (data.length === 0 || subject.includes('.hello.') || subject.endsWith('.alive')) return;
    const chance = (which: number) => randomAt(seed, heard, which);
    heard++;
    const copy = data.slice();
    // Behind the JSON there are rows and sums: those are what a model is made of.
    const bodyAt = chance(0) < 0.7 ? Math.max(0, copy.indexOf(0)) : 0;
    for (let change = 0; change < 4; change++) {
      const at = bodyAt + Math.floor(chance(2 * change + 1) * (copy.length - bodyAt));
      copy[at] = Math.floor(chance(2 * change + 2) * 256);
    }
    connection.publish(subject, copy, reply === undefined ? {} : { reply });
    sent++;
  };
  for (const subject of ['seesaw.>', '_INBOX.*.>']) {
    connection.subscribe(subject, {
      callback(error, { subject, data, reply }) {
        if (!error) forge(subject, data, reply);
      },
    });
  }
  await connection.flush();
  return () => sent;
}
