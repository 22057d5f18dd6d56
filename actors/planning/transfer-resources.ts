import type { MachineFigures } from './machine-figures.js';
import { messageSeconds } from './message-seconds.js';
import type { ResolvedCluster } from './plan-input.js';
import type { Traffic } from './row-traffic.js';

/** What carries rows. */
export const transferResources = [
  'nodes receive',
  'nodes send',
  'server receives',
  'server sends',
  'supervisor receives',
  'supervisor sends',
  'server handles messages',
  'supervisor handles messages',
] as const;

/** A part of the way that rows take, or of the work that their messages make. */
export type TransferResource = (typeof transferResources)[number];

/** Those that all nodes share: each sends by a card of its own. */
export const sharedResources = transferResources.filter((resource) => resource !== 'nodes send');

/** What a process takes in through plain sockets, into shared memory: measured on one machine. */
const socketBytesPerSecond = 1.8e9;

/** What one NATS server delivers on a machine of its own. */
const serverBytesPerSecond = 1e9;

/** By resource: in bytes, or seconds of a processor. */
export type OfResources = Readonly<Record<TransferResource, number>>;

/** What each resource carries a second; those of nodes all together. */
export function capacitiesOf(
  { nodes, threads, networkBitsPerSecond, onOneMachine, road: way }: ResolvedCluster,
  { road }: Pick<MachineFigures, 'road'>,
): OfResources {
  const card = onOneMachine ? Number.POSITIVE_INFINITY : networkBitsPerSecond / 8;
  // A process takes in what its event loop can.
  const through = way === 'direct' ? socketBytesPerSecond : road.bytesPerSecond.median;
  const one = Math.min(card, through);
  // The figures are of a server that shares its cores with those that it serves.
  const shared = road.fanOutBytesPerSecond.median;
  const delivered = onOneMachine ? shared : Math.max(shared, serverBytesPerSecond);
  return {
    'nodes receive': nodes * one,
    'nodes send': nodes * one,
    'server receives': card,
    'server sends': Math.min(card, delivered),
    'supervisor receives': one,
    'supervisor sends': one,
    'server handles messages': onOneMachine ? 1 : threads,
    'supervisor handles messages': 1,
  };
}

/** What the rows of some blocks take of each resource. */
export function amountsOf(
  { nodes }: ResolvedCluster,
  figures: Pick<MachineFigures, 'road'>,
  traffic: Traffic,
  tasks: number,
): OfResources {
  const messages = { phases: 0, nodes, tasks, traffic };
  return {
    'nodes receive': traffic.received,
    'nodes send': traffic.sent,
    'server receives': traffic.serverIn,
    'server sends': traffic.serverOut,
    'supervisor receives': traffic.supervisorIn,
    'supervisor sends': traffic.supervisorOut,
    'server handles messages': messageSeconds(figures, 'server', messages),
    'supervisor handles messages': messageSeconds(figures, 'supervisor', messages),
  };
}
