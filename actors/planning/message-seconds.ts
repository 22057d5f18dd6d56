import type { PlannedBlock } from './block-plan.js';
import { type MachineFigures, type MessageHandler, secondsOf } from './machine-figures.js';
import type { ResolvedCluster } from './plan-input.js';
import type { Traffic } from './row-traffic.js';

/** What causes messages. */
export interface MessageAmounts {
  readonly phases: number;
  readonly nodes: number;
  readonly tasks: number;
  readonly traffic: Traffic;
}

/** Bytes that pass a handler, which copies them, hashes them and writes them to sockets. */
const bytesOf: Readonly<Record<MessageHandler, (traffic: Traffic) => number>> = {
  supervisor: ({ supervisorIn, supervisorOut }) => supervisorIn + supervisorOut,
  server: ({ serverIn, serverOut }) => serverIn + serverOut,
  node: ({ sent, received }) => sent + received,
};

/** The terms that a processor's seconds for messages are a sum of, by name. */
export function messageTerms(
  handler: MessageHandler,
  { phases, nodes, tasks, traffic }: MessageAmounts,
): Record<string, number> {
  return {
    phase: phases,
    nodePhase: phases * nodes,
    task: tasks,
    delivery: traffic.deliveries,
    byte: bytesOf[handler](traffic),
  };
}

/** Seconds of a processor; those of `node` are of all nodes together. */
export function messageSeconds(
  { road }: Pick<MachineFigures, 'road'>,
  handler: MessageHandler,
  amounts: MessageAmounts,
): number {
  return secondsOf(road.messages[handler], messageTerms(handler, amounts));
}

/**
 * Seconds that the messages of a task take from the threads of the node that solves it. Nodes that
 * share one machine share it with the supervisor and the server.
 */
export function messagesAtNode(
  { nodes, threads, onOneMachine }: ResolvedCluster,
  figures: MachineFigures,
  traffic: Traffic,
): number {
  if (nodes === 1) return 0;
  const amounts = { phases: 0, nodes, tasks: 1, traffic };
  const ofNodes = messageSeconds(figures, 'node', amounts);
  if (!onOneMachine) return ofNodes / threads;
  return (
    ofNodes +
    messageSeconds(figures, 'supervisor', amounts) +
    messageSeconds(figures, 'server', amounts)
  );
}

/** How many times as long tasks take where nodes share the cores of one machine. */
export function sharedCores(
  { onOneMachine, nodes, threads }: ResolvedCluster,
  { machine }: MachineFigures,
): number {
  return onOneMachine ? Math.max(1, (nodes * threads) / machine.cores) : 1;
}

/** Seconds of a block's task at its node, and of them those of messages. */
export function taskSeconds(
  cluster: ResolvedCluster,
  figures: MachineFigures,
  { seconds }: PlannedBlock,
  traffic: Traffic,
): { readonly solve: number; readonly messages: number } {
  const share = sharedCores(cluster, figures);
  return { solve: share * seconds, messages: share * messagesAtNode(cluster, figures, traffic) };
}
