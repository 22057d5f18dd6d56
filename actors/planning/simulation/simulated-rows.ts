import type { Side } from '../../../src/ratings/ratings.js';
import { opposite } from '../../../src/ratings/ratings.js';
import type { BlockPlan } from '../block-plan.js';
import type { MachineFigures } from '../machine-figures.js';
import type { ResolvedCluster, ResolvedShape } from '../plan-input.js';
import { addTraffic, type RowWay, sideTraffic, type Traffic } from '../row-traffic.js';
import { type Load, resourcesOf } from '../transfer-resources.js';
import type { EventQueue } from './event-queue.js';
import type { Transfer } from './sender-class.js';
import { SharedTransfers } from './shared-transfers.js';
import type { SimulatedNode } from './simulated-node.js';

/** Rows on their way, by sender: it sends those of one block after those of another. */
export class SimulatedRows {
  readonly #shared: SharedTransfers;
  /** Bytes a second into a node or out of it. */
  readonly nodeSpeed: number;
  readonly #loadsOf: (traffic: Traffic) => Load[];
  readonly #outboxes = new Map<SimulatedNode, Transfer[]>();

  constructor(events: EventQueue, cluster: ResolvedCluster, figures: MachineFigures) {
    this.#loadsOf = (traffic) => resourcesOf(cluster, figures, traffic, 1);
    const loads = this.#loadsOf(addTraffic([]));
    const ofNodes = loads.find(({ resource }) => resource === 'nodes send')!.perSecond;
    this.nodeSpeed = ofNodes / cluster.nodes;
    this.#shared = new SharedTransfers(
      events,
      loads.filter(isShared).map(({ perSecond }) => perSecond),
    );
  }

  /** Sends the rows of a block that a node has solved. */
  send(from: SimulatedNode, traffic: Traffic, done: () => void): void {
    const amounts = this.#loadsOf(traffic)
      .filter(isShared)
      .map(({ amount }) => amount);
    const outbox = this.#outboxes.get(from) ?? [];
    this.#outboxes.set(from, outbox);
    const card = this.nodeSpeed / from.slowness;
    const next = (): void => {
      const transfer = outbox[0];
      if (transfer !== undefined) this.#shared.start(card, transfer);
    };
    outbox.push({
      ...{ bytes: Math.max(1, traffic.sent), amounts },
      done: () => {
        outbox.shift();
        next();
        done();
      },
    });
    if (outbox.length === 1) next();
  }

  /** Drops what a lost node has not sent. */
  drop(from: SimulatedNode): void {
    const [first] = this.#outboxes.get(from) ?? [];
    if (first !== undefined) this.#shared.cancel(this.nodeSpeed / from.slowness, first);
    this.#outboxes.delete(from);
  }
}

function isShared({ resource }: Load): boolean {
  return resource !== 'nodes send';
}

/** Traffic of a side. */
export interface SideTraffic {
  readonly blocks: readonly Traffic[];
  /** Bytes into all nodes together. */
  readonly received: number;
}

/** Traffic of the blocks of a side, counted again when blocks have moved. */
export function trafficOfSides(
  shape: ResolvedShape,
  cluster: ResolvedCluster,
  plan: BlockPlan,
  ways: Readonly<Record<Side, RowWay>>,
): (side: Side) => SideTraffic {
  const known = new Map<Side, SideTraffic & { readonly owners: unknown }>();
  return (side) => {
    const owners = plan.owners.ownersOf(opposite(side));
    let traffic = known.get(side);
    if (traffic?.owners !== owners) {
      const blocks = sideTraffic(shape, cluster, plan, side, ways[side]);
      traffic = { owners, blocks, received: addTraffic(blocks).received };
      known.set(side, traffic);
    }
    return traffic;
  };
}
