import { asError } from '../../../actors/as-error.js';
import { subjects } from '../../../actors/placements/nodes/protocol/messages.js';
import { openBus } from '../../../actors/placements/nodes/transport/nats.js';
import type { NatsOptions } from '../../../actors/placements/nodes/transport/nats-options.js';
import { startWorker } from '../../../actors/placements/nodes/worker/start-worker.js';

/*
 * The program of a process at the other end of a measured road: it takes messages, or works for jobs,
 * until it is killed or the process that measures is gone.
 */

/** What the process is asked. */
export type PeerCommand =
  /** Acknowledge what comes for all and for this peer alone. */
  | {
      readonly type: 'listen';
      readonly options: NatsOptions;
      readonly id: string;
      readonly peer: string;
    }
  /** Work, on one thread, for jobs of this name. */
  | {
      readonly type: 'work';
      readonly options: NatsOptions;
      readonly id: string;
      readonly peer: string;
    }
  | { readonly type: 'cpu' };

/** Its answer: seconds of its processor so far, or why it cannot. */
export type PeerReply =
  | { readonly type: 'done'; readonly cpuSeconds: number }
  | { readonly type: 'failed'; readonly message: string };

async function obey(command: PeerCommand): Promise<void> {
  if (command.type === 'cpu') return;
  const { options, id, peer } = command;
  if (command.type === 'work') {
    await startWorker({ ...options, threads: 1, name: peer, job: `${id}*` });
    return;
  }
  const bus = await openBus(options, `seesaw calibration ${peer}`, undefined, peer);
  bus.subscribe(subjects.rowsForAll(id), () => {});
  bus.subscribe(subjects.rows(id, peer), () => {});
  await bus.isHeard(subjects.rowsForAll(id));
}

process.on('message', async (command: PeerCommand) => {
  let reply: PeerReply;
  try {
    await obey(command);
    const { user, system } = process.cpuUsage();
    reply = { type: 'done', cpuSeconds: (user + system) / 1e6 };
  } catch (error) {
    reply = { type: 'failed', message: asError(error).message };
  }
  process.send!(reply);
});
process.on('disconnect', () => process.exit());
