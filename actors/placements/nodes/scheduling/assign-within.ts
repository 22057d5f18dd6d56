import type { NodeCapacity } from './node-loads.js';

/** Whether a node has room for these blocks beside what it has. */
export type Fits = (node: string, blocks: readonly number[]) => boolean;

/**
 * Assigns every block of a side to a node that has room for it, of these to the one that is least busy. A
 * block stays where its ratings are.
 *
 * @param weights work of the blocks, heavy ones first
 * @param owners by block: the node that has it, or undefined
 * @returns by block: its node, or undefined if none has room for it
 */
export function assignWithin(
  weights: readonly number[],
  nodes: readonly NodeCapacity[],
  owners: readonly (string | undefined)[],
  fits: Fits,
): (string | undefined)[] {
  const loads = nodes.map(() => 0);
  const given: number[][] = nodes.map(() => []);
  const assigned = owners.map((owner, block) => {
    const at = nodes.findIndex(({ node }) => node === owner);
    if (at < 0) return undefined;
    loads[at]! += weights[block]!;
    return owner;
  });
  for (const [block, weight] of weights.entries()) {
    if (assigned[block] !== undefined) continue;
    const busy = (at: number) => (loads[at]! + weight) / nodes[at]!.capacity;
    const order = [...nodes.keys()].sort((a, b) => busy(a) - busy(b));
    const at = order.find((each) => fits(nodes[each]!.node, [...given[each]!, block]));
    if (at === undefined) continue;
    given[at]!.push(block);
    loads[at]! += weight;
    assigned[block] = nodes[at]!.node;
  }
  return assigned;
}
