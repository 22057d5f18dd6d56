import type { ExecutionContext } from 'ava';
import {
  encode,
  protocolVersion,
  subjects,
} from '../../../actors/placements/nodes/protocol/messages.js';
import { readCommand } from '../../../actors/placements/nodes/protocol/read-command.js';
import { acknowledgementOf } from '../../../actors/placements/nodes/rows/acknowledgement.js';
import { newKeyPair } from '../../../actors/placements/nodes/seal/agree-on-key.js';
import { openBus } from '../../../actors/placements/nodes/transport/nats.js';
import { readInvitation } from '../../../actors/placements/nodes/worker/read-invitation.js';
import { kernelsHere } from '../../../src/kernels/select/select-kernel.js';
import { packageVersion } from '../../../src/version.js';

/** How far a ghost goes along: each does what the one before does, and one thing more. */
export type GhostKind = 'says hello' | 'hears' | 'joins' | 'loads' | 'takes rows';

const kinds: readonly GhostKind[] = ['says hello', 'hears', 'joins', 'loads', 'takes rows'];

/** A worker that is there, and solves nothing. */
export async function startGhost(
  t: Pick<ExecutionContext, 'teardown'>,
  servers: string,
  kind: GhostKind,
): Promise<void> {
  const does = (what: GhostKind) => kinds.indexOf(what) <= kinds.indexOf(kind);
  const bus = await openBus({ servers }, 'ghost');
  const keys = newKeyPair();
  const worker = 'ghost-1';
  const hello = {
    ...{ type: 'hello', protocol: protocolVersion, version: packageVersion, worker },
    ...{ name: 'ghost', key: keys.publicKey, threads: 1, memory: 1e9, kernels: kernelsHere() },
    ...{ jobs: '*', hasData: false, busy: 0 },
  };
  const beat = () => bus.publish(subjects.hello(worker), encode(hello));
  const heart = setInterval(beat, 100);
  beat();
  t.teardown(() => {
    clearInterval(heart);
    return bus.close();
  });
  if (!does('hears')) return;
  let joined: string | undefined;
  bus.subscribe(subjects.join(worker), (payload) => {
    const { command, seal } = readInvitation(payload, keys, worker);
    const { job, number } = command;
    if (!does('joins') || joined === job) return;
    joined = job;
    const from = subjects.answer(job, worker);
    const answer = (message: object) =>
      void bus
        .deliver(from, seal.close(from, encode(message)), AbortSignal.timeout(5_000))
        .catch(() => {});
    const to = subjects.command(job, worker);
    bus.subscribe(to, (said) => {
      if (said.length === 0) return;
      const found = readCommand(seal.open(to, said));
      if (found.type === 'load' && does('loads')) answer({ type: 'loaded', number: found.number });
    });
    for (const subject of [subjects.rows(job, worker), subjects.rowsForAll(job)]) {
      bus.subscribe(subject, (_, { replyTo }) => {
        if (!does('takes rows')) throw new Error('it takes none');
        return acknowledgementOf(worker, seal, replyTo);
      });
    }
    answer({ type: 'joined', number });
  });
}
