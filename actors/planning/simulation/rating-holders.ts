import type { Side } from '../../../src/ratings/ratings.js';
import type { BlockPlan } from '../block-plan.js';

/** Bytes of a rating and of a row's place, as a node gets them with a block. */
const [ratingBytes, placeBytes] = [8, 4];

/** Which nodes have the ratings of which blocks. */
export class RatingHolders {
  readonly #plan: BlockPlan;
  /** By side and block: the node that has them from the start. */
  readonly #first: Readonly<Record<Side, readonly (string | undefined)[]>>;
  /** By side and block that others have got as well: all that have them. */
  readonly #all = { user: new Map<number, Set<string>>(), item: new Map<number, Set<string>>() };

  constructor(plan: BlockPlan) {
    this.#plan = plan;
    this.#first = { user: plan.owners.ownersOf('user'), item: plan.owners.ownersOf('item') };
  }

  /** Bytes that a node has to get before it solves a block; from then on it has them. */
  give(node: string, side: Side, block: number): number {
    const first = this.#first[side][block]!;
    const all = this.#all[side].get(block);
    if (all === undefined ? first === node : all.has(node)) return 0;
    this.#all[side].set(block, new Set([...(all ?? [first]), node]));
    const { first: from, end, ratings } = this.#plan.blocks[side][block]!;
    return ratingBytes * ratings + placeBytes * (end - from);
  }
}
