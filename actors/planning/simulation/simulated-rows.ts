import type { MachineFigures } from '../machine-figures.js';
import type { ResolvedCluster } from '../plan-input.js';
import { capacitiesOf, sharedResources } from '../transfer-resources.js';
import type { EventQueue } from './event-queue.js';
import { SharedTransfers } from './shared-transfers.js';

import type { NodeTask, SimulatedNode } from './simulated-node.js';

/** Rows on their way, by sender: it sends those of one block after those of another. */
export class SimulatedRows {
  readonly #shared: SharedTransfers<NodeTask>;
  /** Bytes a second into a node or out of it. */
  readonly nodeSpeed: number;

  /** @param onArrived called when the rows of a task are where they are needed */
  constructor(
    events: EventQueue,
    cluster: ResolvedCluster,
    figures: MachineFigures,
    onArrived: (task: NodeTask) => void,
  ) {
    const capacities = capacitiesOf(cluster, figures);
    this.nodeSpeed = capacities['nodes send'] / cluster.nodes;
    const ofShared = sharedResources.map((resource) => capacities[resource]);
    this.#shared = new SharedTransfers(events, ofShared, (task) => {
      const { outbox } = task.solver!;
      outbox.shift();
      this.#begin(task.solver!);
      onArrived(task);
    });
  }

  /** Sends the rows of a task that its solver has solved. */
  send(task: NodeTask): void {
    const { outbox } = task.solver!;
    outbox.push(task);
    if (outbox.length === 1) this.#begin(task.solver!);
  }

  /** Drops what a lost node has not sent. */
  drop(from: SimulatedNode): void {
    const [first] = from.outbox;
    if (first !== undefined) this.#shared.cancel(this.#cardOf(from), first);
    from.outbox.length = 0;
  }

  #begin(from: SimulatedNode): void {
    const [first] = from.outbox;
    if (first !== undefined) this.#shared.start(this.#cardOf(from), first);
  }

  #cardOf({ slowness }: SimulatedNode): number {
    return this.nodeSpeed / slowness;
  }
}
