import { setTimeout as wait } from 'node:timers/promises';
import type { BlockTask } from '../../../src/kernels/kernel.js';
import type { Side } from '../../../src/ratings/ratings.js';
import { NodeLostError } from '../../errors.js';
import type { ExecutorFault } from '../placement.js';
import type { Wanted } from './cluster/discovery.js';
import type { Membership } from './cluster/membership.js';
import type { Node } from './cluster/node.js';
import type { DataSender } from './rows/data-sender.js';
import type { BlockOwners } from './scheduling/block-owners.js';
import type { NodeRooms } from './scheduling/node-rooms.js';

/** How long it waits for a node with room before it looks again. */
const roomMs = 250;

export const anyWorker: Wanted = Object.freeze({ workers: 1, threads: 1 });

/** What blocks are assigned by. */
export interface BlockAssignmentSettings {
  readonly membership: Membership;
  readonly owners: BlockOwners;
  readonly rooms: NodeRooms;
  readonly dataSender: DataSender;
  readonly capacityOf: (node: Node) => number;
  /** Seconds that a block without a node waits. */
  readonly deadline: number;
  readonly onFault: (fault: ExecutorFault) => void;
  /** Throws when no task can be solved any more. */
  readonly throwIfOver: () => void;
}

/** Assigns every block to a node that has room for it, and waits for one where there is none. */
export class BlockAssignment {
  readonly #settings: BlockAssignmentSettings;
  readonly #membership: Membership;
  /** Since when no node has room for a block. */
  #fullSinceMs: number | undefined;

  constructor(settings: BlockAssignmentSettings) {
    this.#settings = settings;
    this.#membership = settings.membership;
  }

  /**
   * Assigns the blocks of a side to the nodes that are ready.
   *
   * @returns whether every block has a node
   */
  assign(side: Side): boolean {
    const { rooms, owners, capacityOf } = this.#settings;
    const { ready } = this.#membership;
    if (ready.length === 0) return false;
    const areShared = rooms.assign(side, ready, owners, capacityOf);
    if (areShared) this.#fullSinceMs = undefined;
    return areShared;
  }

  /** The node that has a block. Waits for one to come if there is none. */
  async ownerOf({ side, block }: BlockTask): Promise<Node> {
    const { owners, throwIfOver } = this.#settings;
    for (;;) {
      throwIfOver();
      const node = this.#membership.node(owners.ownerOf(side, block) ?? '');
      if (node?.isBehind === false) return node;
      if (this.#membership.nodes.length === 0) await this.gather(anyWorker);
      await this.letCatchUp(0);
      if (!this.assign(side) && this.#membership.ready.length > 0) await this.awaitRoom();
    }
  }

  /** Rejects with `NodeMemoryError` if the job does not fit the workers that are there. */
  async expectRoom(): Promise<void> {
    const { rooms, deadline } = this.#settings;
    // Every worker says hello within this time.
    for (let rounds = Math.min(8, 4 * deadline); rounds > 0; rounds--) {
      if (rooms.shortage(this.#membership.nodes) === undefined) return;
      await this.#lookForMore();
    }
    const { nodes } = this.#membership;
    const shortage = nodes.length > 0 && rooms.shortage(nodes);
    if (shortage) throw shortage;
  }

  /** Waits a little for a node with room. Throws `NodeMemoryError` after the deadline. */
  async awaitRoom(): Promise<void> {
    const { rooms, deadline, onFault } = this.#settings;
    const nowMs = performance.now();
    const { nodes } = this.#membership;
    const shortage = rooms.shortage(nodes) ?? rooms.fragmentation(nodes);
    if (this.#fullSinceMs === undefined) {
      this.#fullSinceMs = nowMs;
      const { name } = nodes[0]!.hello;
      const message = `no node has room for the blocks of a lost one: ${shortage.message}`;
      onFault({ component: 'node', node: name, message, action: 'solve-elsewhere' });
    }
    if (nowMs - this.#fullSinceMs > deadline * 1000) throw shortage;
    await this.#lookForMore();
  }

  /**
   * Sends nodes with little memory the ratings of all their blocks.
   *
   * @returns whether all of them have taken theirs
   */
  async giveParts(): Promise<boolean> {
    const nodes = this.#membership.ready.filter(({ inParts }) => inParts);
    const giving = nodes.flatMap((node) => [
      this.givePartsOf(node, 'user'),
      this.givePartsOf(node, 'item'),
    ]);
    const settled = await Promise.allSettled(giving);
    this.#settings.throwIfOver();
    const failed = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    for (const reason of failed) if (!(reason instanceof NodeLostError)) throw reason;
    return failed.length === 0;
  }

  /** The same of one node and side. Rejects with `NodeLostError`. */
  givePartsOf(node: Node, side: Side): Promise<void> {
    const { owners, dataSender } = this.#settings;
    return dataSender.giveParts(node, side, owners.blocksOf(side, node.hello.worker));
  }

  /** Waits until there are so many nodes. Rejects with `PlacementError` after the deadline. */
  async gather(wanted: Wanted): Promise<void> {
    try {
      await this.#membership.gather(wanted);
    } catch (error) {
      this.#settings.throwIfOver();
      throw error;
    }
  }

  /** Waits up to `maxMs` for nodes that are behind; if all are, until one has caught up. */
  async letCatchUp(maxMs: number): Promise<void> {
    await this.#membership.letCatchUp(maxMs);
    this.#settings.throwIfOver();
  }

  /** Lets workers join that have come meanwhile. */
  async #lookForMore(): Promise<void> {
    const { throwIfOver } = this.#settings;
    await wait(roomMs);
    throwIfOver();
    await this.#membership.enlist();
    throwIfOver();
  }
}
