import { opposite, type Side } from '../../../../src/ratings/ratings.js';
import { NodeMemoryError } from '../../../errors.js';
import type { Fits } from './assign-within.js';
import { BlockOwners } from './block-owners.js';
import type { MemoryPlan, PartBlocks } from './memory-plan.js';
import type { NodeCapacity } from './node-loads.js';

/** A node as far as its memory goes. */
export interface RoomyNode {
  readonly hello: {
    readonly worker: string;
    readonly threads: number;
    /** Bytes that it offers. */
    readonly memory: number;
  };
  /** Whether it holds some blocks only; otherwise it has room for the whole job. */
  readonly inParts: boolean;
  /** The parts that it has, or is being sent. */
  readonly parts: readonly PartBlocks[];
}

/** A refusal looks for at most so many more workers. */
const maxMore = 10_000;

const sides = ['user', 'item'] as const;

/** Which node has room for which blocks. */
export class NodeRooms {
  readonly #plan: MemoryPlan;
  readonly #weights: Readonly<Record<Side, readonly number[]>>;

  constructor(plan: MemoryPlan, weights: Readonly<Record<Side, readonly number[]>>) {
    this.#plan = plan;
    this.#weights = weights;
  }

  /** Whether a worker has too little memory for the whole job. */
  isTooSmall({ threads, memory }: RoomyNode['hello']): boolean {
    return this.#plan.wholeBytes(threads) > memory;
  }

  /**
   * Assigns the blocks of a side to nodes, at least one.
   *
   * @returns whether every block has a node
   */
  assign<Node extends RoomyNode>(
    side: Side,
    nodes: readonly Node[],
    owners: BlockOwners,
    capacityOf: (node: Node) => number,
  ): boolean {
    const capacities = nodes.map((node): NodeCapacity => {
      return { node: node.hello.worker, capacity: capacityOf(node) };
    });
    if (!nodes.some(({ inParts }) => inParts)) {
      owners.assign(side, capacities);
      return true;
    }
    const byName = new Map(nodes.map((node) => [node.hello.worker, node]));
    const fits: Fits = (name, blocks) => {
      const node = byName.get(name)!;
      if (!node.inParts) return true;
      const { threads, memory } = node.hello;
      const parts = this.#partsWith(node, owners, side, blocks);
      const coming = parts.slice(node.parts.length);
      return (
        coming.every((part) => this.#plan.partBytes(threads, part) <= this.#plan.memoryBytes) &&
        this.#plan.partedBytes(threads, parts) <= memory
      );
    };
    owners.assign(side, capacities, fits);
    return owners.ownersOf(side).every((owner) => owner !== undefined);
  }

  /** The error of a job that is too large for these nodes, at least one; undefined if it fits. */
  shortage(nodes: readonly RoomyNode[]): NodeMemoryError | undefined {
    if (nodes.some(({ inParts }) => !inParts) || this.#bytesAt(nodes) !== undefined) {
      return undefined;
    }
    const offered = nodes.reduce((sum, { hello }) => sum + hello.memory, 0);
    const largest = nodes.reduce((a, b) => (a.hello.memory >= b.hello.memory ? a : b));
    const withMore = (more: number): readonly RoomyNode[] => [
      ...nodes,
      ...Array.from({ length: more }, (_, at) => {
        return { ...largest, parts: [], hello: { ...largest.hello, worker: `${at} more` } };
      }),
    ];
    for (let more = 1; more <= maxMore && more <= 2 * this.#blockCount; more++) {
      const needed = this.#bytesAt(withMore(more));
      if (needed !== undefined) {
        return new NodeMemoryError(needed, offered, more, largest.hello.memory);
      }
    }
    const { threads, memory } = largest.hello;
    const single = sides.flatMap((side) =>
      this.#weights[side].map((_, block): PartBlocks => ({ side, blocks: [block] })),
    );
    const inMemory = Math.max(...single.map((part) => this.#plan.partBytes(threads, part)));
    const { memoryBytes } = this.#plan;
    if (inMemory > memoryBytes) return new NodeMemoryError(inMemory, memoryBytes);
    const alone = single.map((part) => this.#plan.partedBytes(threads, [part]));
    return new NodeMemoryError(Math.max(...alone), memory);
  }

  /** Cuts blocks that come to a node into parts, each of which fits a memory. */
  cut({ hello: { threads } }: RoomyNode, side: Side, blocks: readonly number[]): PartBlocks[] {
    return this.#plan.cut(threads, side, blocks);
  }

  /** The error where the job would fit these nodes, but not beside the parts that they have. */
  fragmentation(nodes: readonly RoomyNode[]): NodeMemoryError {
    const largest = Math.max(...nodes.map(({ hello }) => hello.memory));
    const offered = nodes.reduce((sum, { hello }) => sum + hello.memory, 0);
    return new NodeMemoryError(this.#bytesAt(nodes) ?? offered, offered, 1, largest);
  }

  get #blockCount(): number {
    return this.#weights.user.length + this.#weights.item.length;
  }

  /** Bytes that the whole job takes on these nodes; undefined if it does not fit. */
  #bytesAt(nodes: readonly RoomyNode[]): number | undefined {
    const owners = new BlockOwners(this.#weights);
    const empty = nodes.map((node) => ({ ...node, hello: node.hello, parts: [] }));
    const capacityOf = ({ hello }: RoomyNode) => hello.threads;
    if (!sides.every((side) => this.assign(side, empty, owners, capacityOf))) return undefined;
    return empty.reduce((sum, node) => {
      const parts = this.#partsWith(node, owners, 'user', []);
      return sum + this.#plan.partedBytes(node.hello.threads, parts);
    }, 0);
  }

  /** The parts of a node: those that it has, and then of each side what it is to get. */
  #partsWith(
    node: RoomyNode,
    owners: BlockOwners,
    side: Side,
    blocks: readonly number[],
  ): PartBlocks[] {
    const { hello, parts } = node;
    const isHeld = (side: Side, block: number) =>
      parts.some((part) => part.side === side && part.blocks.includes(block));
    const comingOf = (side: Side, more: readonly number[]) => {
      const all = new Set([...owners.blocksOf(side, hello.worker), ...more]);
      return this.cut(
        node,
        side,
        [...all].filter((block) => !isHeld(side, block)),
      );
    };
    return [...parts, ...comingOf(side, blocks), ...comingOf(opposite(side), [])];
  }
}
