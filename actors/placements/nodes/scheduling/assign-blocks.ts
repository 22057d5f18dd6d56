import { type NodeCapacity, NodeLoads } from './node-loads.js';

/**
 * Assigns every block of a side to a node, so that work is nearly proportional to capacity. A block
 * stays where its ratings are unless moving it makes the busiest node less busy.
 *
 * @param weights work of the blocks, heavy ones first
 * @param nodes at least one
 * @param owners by block: the node that has it, or undefined
 */
export function assignBlocks(
  weights: readonly number[],
  nodes: readonly NodeCapacity[],
  owners: readonly (string | undefined)[],
): string[] {
  const loads = new NodeLoads(nodes);
  const assigned: string[] = [];
  const give = (block: number, node: string): void => {
    const before = assigned[block];
    if (before !== undefined) loads.add(before, -weights[block]!);
    loads.add(node, weights[block]!);
    assigned[block] = node;
  };

  for (const [block, owner] of owners.entries()) {
    if (owner !== undefined && loads.has(owner)) give(block, owner);
  }
  for (const [block, weight] of weights.entries()) {
    if (assigned[block] === undefined) give(block, loads.leastBusy(weight));
  }
  // Every move lowers the largest load or leaves one node fewer that has it.
  for (let moves = 0; moves < weights.length * nodes.length; moves++) {
    const busiest = loads.busiest();
    const block = assigned.lastIndexOf(busiest);
    if (block < 0) break;
    const to = loads.leastBusy(weights[block]!);
    if (loads.perThread(to, weights[block]!) >= loads.perThread(busiest)) break;
    give(block, to);
  }
  return assigned;
}
