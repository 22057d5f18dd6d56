import {
  encode,
  type Hello,
  type NodeAnswer,
  subjects,
} from '../../../actors/placements/nodes/protocol/messages.js';
import { readAnswer } from '../../../actors/placements/nodes/protocol/read-answer.js';
import { readHello } from '../../../actors/placements/nodes/protocol/read-hello.js';
import { agreeOnKey, newKeyPair } from '../../../actors/placements/nodes/seal/agree-on-key.js';
import { Seal } from '../../../actors/placements/nodes/seal/seal.js';
import type { Bus } from '../../../actors/placements/nodes/transport/bus.js';

/** What the first worker says that is heard. */
export function firstHello(bus: Bus): Promise<Hello> {
  return new Promise((resolve) => {
    bus.subscribe(subjects.hellos, (payload, { subject }) => resolve(readHello(payload, subject)));
  });
}

/** Asks a worker to join a job, as a supervisor would, and resolves with its first answer. */
export async function askToJoin(
  bus: Bus,
  { worker, key }: Hello,
  join: object,
): Promise<NodeAnswer> {
  const keys = newKeyPair();
  const job = 'job-1a';
  const seal = new Seal(agreeOnKey(keys, key, job, worker));
  const from = subjects.answer(job, worker);
  const answer = new Promise<NodeAnswer>((resolve) => {
    bus.subscribe(from, (payload) => resolve(readAnswer(seal.open(from, payload))));
  });
  const message = encode({
    type: 'join',
    inParts: false,
    number: 1,
    job,
    key: keys.publicKey,
    ...join,
  });
  const to = subjects.join(worker);
  await bus.deliver(to, seal.close(to, message), AbortSignal.timeout(5_000));
  return answer;
}
