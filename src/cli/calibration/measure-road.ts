import { setTimeout as wait } from 'node:timers/promises';
import { uniqueJobId } from '../../../actors/placements/nodes/protocol/job-id.js';
import { bucketOf, subjects } from '../../../actors/placements/nodes/protocol/messages.js';
import type { Bus } from '../../../actors/placements/nodes/transport/bus.js';
import { openBus } from '../../../actors/placements/nodes/transport/nats.js';
import type { NatsOptions } from '../../../actors/placements/nodes/transport/nats-options.js';
import {
  type MeasuredSpread,
  type RoadFigures,
  spreadOf,
} from '../../../actors/planning/machine-figures.js';
import { type MessageSettings, measureMessages } from './measure-messages.js';
import { type Peer, startPeer } from './peers.js';

const peerCount = 4;
const roundTrips = 300;
/** As the rows of a job: pieces of 1 MiB, 16 MiB on their way. */
const [pieceBytes, windowPieces, rounds] = [2 ** 20, 16, 8];

/** Where the road is, and what is known of the machine. */
export interface RoadSettings extends Omit<MessageSettings, 'peers'> {
  readonly onPart: (part: string) => void;
}

/**
 * Rejects with `ConnectionError` if no server is there, or it gives what jobs need to nobody or not to
 * this login: so that it is known before minutes are spent on the machine.
 */
export async function checkRoad(options: NatsOptions): Promise<void> {
  const bus = await openBus(options, 'seesaw calibration');
  try {
    const objects = await bus.objects(bucketOf(uniqueJobId('calibration')), true);
    await objects.destroy();
  } finally {
    await bus.close();
  }
}

/**
 * Measures the way through a NATS server, with processes of this machine at its ends: how long a message
 * takes, what goes to one and to all of them, and what messages of a job cost each processor.
 *
 * Rejects with `ConnectionError`, or if the login may not do what workers and supervisors do.
 */
export async function measureRoad(settings: RoadSettings): Promise<RoadFigures> {
  const { options, stopped, onPart } = settings;
  const id = uniqueJobId('road');
  const bus = await openBus(options, 'seesaw calibration');
  const peers = Array.from({ length: peerCount }, (_, n) => startPeer(`peer-${n}`));
  const stop = () => Promise.all([...peers.map((peer) => peer.stop()), bus.close()]);
  try {
    onPart('the way through the server');
    for (const peer of peers) await peer.ask({ type: 'listen', options, id, peer: peer.name });
    stopped.throwIfAborted();
    const road = {
      latencySeconds: await latency(bus, id, peers[0]!),
      bytesPerSecond: await speed(bus, subjects.rows(id, peers[0]!.name), 1),
      fanOutBytesPerSecond: await speed(bus, subjects.rowsForAll(id), peerCount),
    };
    stopped.throwIfAborted();
    onPart('messages of jobs');
    return { ...road, messages: await measureMessages({ ...settings, peers }) };
  } finally {
    await stop();
  }
}

/** Of one way. */
async function latency(bus: Bus, id: string, { name }: Peer): Promise<MeasuredSpread> {
  const seconds: number[] = [];
  for (let n = 0; n < roundTrips; n++) {
    const start = performance.now();
    await bus.request(subjects.rows(id, name), new Uint8Array(64), 5_000);
    seconds.push((performance.now() - start) / 2000);
  }
  // The first ones compile.
  return spreadOf(seconds.slice(50));
}

/** Bytes a second that all receivers of a subject get together. */
async function speed(bus: Bus, subject: string, receivers: number): Promise<MeasuredSpread> {
  const payload = new Uint8Array(Math.min(pieceBytes, bus.maxBytes));
  const speeds: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    await acknowledged(bus, subject, payload, receivers);
    const bytes = windowPieces * payload.length * receivers;
    speeds.push(bytes / ((performance.now() - start) / 1000));
  }
  return spreadOf(speeds.slice(1));
}

/** Sends a window of pieces, and resolves when every receiver has acknowledged all of them. */
async function acknowledged(bus: Bus, subject: string, payload: Uint8Array, receivers: number) {
  const giveUp = new AbortController();
  let left = windowPieces * receivers;
  await new Promise<void>((resolve, reject) => {
    const inbox = bus.openInbox(() => {
      if (--left > 0) return;
      inbox.close();
      giveUp.abort();
      resolve();
    });
    for (let n = 0; n < windowPieces; n++) bus.publish(subject, payload, inbox.subject);
    wait(20_000, undefined, { signal: giveUp.signal }).then(
      () =>
        reject(
          new Error(
            `${left} of ${windowPieces * receivers} pieces were not acknowledged within 20 s`,
          ),
        ),
      () => {},
    );
  });
}
