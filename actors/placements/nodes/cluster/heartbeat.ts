import { encode, subjects } from '../protocol/messages.js';
import type { Bus } from '../transport/bus.js';
import type { Node } from './node.js';
import type { WorkerRegistry } from './registry.js';

/** Milliseconds between two checks of the nodes. */
export const tickMs = 250;

/** A live node that owes an answer and is idle is given up after so long. */
const idleSeconds = 5;
/** A busy one has more time: this, or ten times the deadline if that is longer. */
const minOwedSeconds = 600;

/** The nodes to watch, and what to call. */
export interface HeartbeatSettings {
  readonly job: string;
  readonly registry: WorkerRegistry;
  /** A worker that is silent for so long is lost; seconds. */
  readonly lostAfter: number;
  readonly nodes: () => readonly Node[];
  /** The node or candidate of this name. */
  readonly nodeOf: (worker: string) => Node | undefined;
  readonly lose: (node: Node, reason: string) => void;
  /** Seconds that the job waits for nodes. */
  readonly deadline: number;
  /** Those that are joining. */
  readonly candidates: () => readonly Node[];
  /** Removes a node for good that lives and does nothing. */
  readonly dismiss: (node: Node, reason: string) => void;
}

/**
 * Checks in a row that must fail before a connection counts as closed: its server may be
 * restarting.
 */
export const maxUnheardChecks = 3;

/**
 * Sends a job's nodes a sign of life a few times a second, and watches theirs: they say hello, and
 * the server knows whether they are still subscribed.
 *
 * @param onTick called after every check
 * @returns what ends that
 */
export function startHeartbeat(
  bus: Bus,
  settings: HeartbeatSettings,
  onTick: () => void,
): () => void {
  const { job, registry, lostAfter, nodes, nodeOf, lose } = settings;
  const { deadline, candidates, dismiss } = settings;

  /** A killed process closes its connection at once, long before its hellos are missed. */
  async function checkConnection(node: Node): Promise<void> {
    const isHeard = await bus.isHeard(subjects.command(job, node.hello.worker));
    if (isHeard === true) node.unheardChecks = 0;
    if (isHeard === false) node.unheardChecks++;
    if (node.unheardChecks >= maxUnheardChecks) lose(node, 'its connection has closed');
  }

  const timer = setInterval(() => {
    bus.publish(subjects.alive(job), encode({ type: 'alive' }));
    // Without a server no node can be heard.
    if (!bus.isConnected) return;
    for (const { worker } of registry.tick()) {
      const node = nodeOf(worker);
      if (node) lose(node, `no sign of life for ${lostAfter} s`);
    }
    for (const node of nodes()) void checkConnection(node);
    for (const node of [...nodes(), ...candidates()]) {
      const silence = silenceOf(node, deadline);
      if (silence !== undefined) dismiss(node, silence);
    }
    onTick();
  }, tickMs);
  return () => clearInterval(timer);
}

/**
 * Why a live node is given up: it owes an answer, and is idle or has not answered for long.
 * Undefined if it is not given up. To be called in every tick in which the server is connected.
 *
 * @param deadline seconds that the job waits for nodes
 */
export function silenceOf(node: Node, deadline: number): string | undefined {
  const { owed, idle } = node.tick();
  if (idle * tickMs >= idleSeconds * 1000) {
    return `it answers nothing, and does nothing, for ${idleSeconds} s`;
  }
  const owedSeconds = Math.max(minOwedSeconds, 10 * deadline);
  if (owed * tickMs < owedSeconds * 1000) return undefined;
  return `it has answered nothing for ${owedSeconds} s`;
}
