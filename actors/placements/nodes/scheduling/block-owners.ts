import type { RatedJob } from '../../../../src/kernels/job-layout.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { assignBlocks } from './assign-blocks.js';
import { assignWithin, type Fits } from './assign-within.js';
import type { NodeCapacity } from './node-loads.js';

/** Which node has which block, and how much work a block is. */
export class BlockOwners {
  readonly #weights: Readonly<Record<Side, readonly number[]>>;
  readonly #owners: Record<Side, readonly (string | undefined)[]>;
  /** By side: the nodes that its blocks were last shared out among. */
  readonly #sharedAmong: Record<Side, readonly NodeCapacity[]> = { user: [], item: [] };

  /** @param weights by block of a side: its ratings and rows */
  constructor(weights: Readonly<Record<Side, readonly number[]>>) {
    this.#weights = weights;
    this.#owners = { user: [], item: [] };
  }

  /** The node that has a block, or undefined. */
  ownerOf(side: Side, block: number): string | undefined {
    return this.#owners[side][block];
  }

  /** By block of a side: the node that has it. A new array whenever one changes. */
  ownersOf(side: Side): readonly (string | undefined)[] {
    return this.#owners[side];
  }

  /** The blocks of a side that a node has. */
  blocksOf(side: Side, node: string): number[] {
    return this.#owners[side].flatMap((owner, block) => (owner === node ? [block] : []));
  }

  /** Ratings and rows of a block. */
  workOf(side: Side, block: number): number {
    return this.#weights[side][block]!;
  }

  /**
   * Assigns the blocks of a side to nodes, at least one. With the same nodes as before every block
   * stays where it is.
   *
   * @param fits whether a node has room, where some have too little for the whole job: a block then
   *   moves only if its node is lost, and has none if no node has room
   */
  assign(side: Side, nodes: readonly NodeCapacity[], fits?: Fits): void {
    if (!fits && isSame(nodes, this.#sharedAmong[side])) return;
    this.#sharedAmong[side] = fits ? [] : nodes;
    const weights = this.#weights[side];
    const owners = weights.map((_, block) => this.#owners[side][block]);
    const assigned = fits
      ? assignWithin(weights, nodes, owners, fits)
      : assignBlocks(weights, nodes, owners);
    const before = this.#owners[side];
    const isAsLong = before.length === assigned.length;
    if (isAsLong && assigned.every((node, block) => node === before[block])) return;
    this.#owners[side] = assigned;
  }
}

function isSame(nodes: readonly NodeCapacity[], before: readonly NodeCapacity[]): boolean {
  return (
    nodes.length === before.length &&
    nodes.every(({ node, capacity }, at) => {
      const other = before[at]!;
      return node === other.node && capacity === other.capacity;
    })
  );
}

/** Ratings and rows of every block of a job. */
export function blockWeights(job: RatedJob): Record<Side, number[]> {
  return { user: weightsOf(job, 'user'), item: weightsOf(job, 'item') };
}

function weightsOf(job: RatedJob, side: Side): number[] {
  const { blockStarts, ratings, rowCount } = job[side];
  const offsets = new Uint32Array(job.memory.buffer, ratings.offsets, rowCount + 1);
  return blockStarts.slice(1).map((end, block) => {
    const first = blockStarts[block]!;
    return offsets[end]! - offsets[first]! + end - first;
  });
}
