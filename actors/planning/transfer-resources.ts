import type { MachineFigures } from './machine-figures.js';
import { messageSeconds } from './message-seconds.js';
import type { ResolvedCluster } from './plan-input.js';
import type { Traffic } from './row-traffic.js';

/** What carries rows. */
export type TransferResource =
  | 'nodes receive'
  | 'nodes send'
  | 'server receives'
  | 'server sends'
  | 'supervisor receives'
  | 'supervisor sends'
  | 'server handles messages'
  | 'supervisor handles messages';

/** What a resource can carry, and what it has to. */
export interface Load {
  readonly resource: TransferResource;
  /** In the unit of its capacity: bytes, or seconds of a processor. */
  readonly amount: number;
  readonly perSecond: number;
  readonly seconds: number;
}

/** What a process takes in through plain sockets, into shared memory: measured on one machine. */
const socketBytesPerSecond = 1.8e9;

/** What one NATS server delivers on a machine of its own. */
const serverBytesPerSecond = 1e9;

/** What carries the rows of some blocks, and for how long if nothing else does. */
export function resourcesOf(
  { nodes, threads, networkBitsPerSecond, onOneMachine, road: way }: ResolvedCluster,
  figures: Pick<MachineFigures, 'road'>,
  traffic: Traffic,
  tasks: number,
): Load[] {
  const { road } = figures;
  const card = onOneMachine ? Number.POSITIVE_INFINITY : networkBitsPerSecond / 8;
  // A process takes in what its event loop can.
  const through = way === 'direct' ? socketBytesPerSecond : road.bytesPerSecond.median;
  const one = Math.min(card, through);
  // The figures are of a server that shares its cores with those that it serves.
  const shared = road.fanOutBytesPerSecond.median;
  const delivered = onOneMachine ? shared : Math.max(shared, serverBytesPerSecond);
  const serverCores = onOneMachine ? 1 : threads;
  const messages = { phases: 0, nodes, tasks, traffic };
  const load = (resource: TransferResource, amount: number, perSecond: number): Load => ({
    ...{ resource, amount, perSecond },
    seconds: amount / perSecond,
  });
  return [
    load('nodes receive', traffic.received, nodes * one),
    load('nodes send', traffic.sent, nodes * one),
    load('server receives', traffic.serverIn, card),
    load('server sends', traffic.serverOut, Math.min(card, delivered)),
    load('supervisor receives', traffic.supervisorIn, one),
    load('supervisor sends', traffic.supervisorOut, one),
    load('server handles messages', messageSeconds(figures, 'server', messages), serverCores),
    load('supervisor handles messages', messageSeconds(figures, 'supervisor', messages), 1),
  ];
}
