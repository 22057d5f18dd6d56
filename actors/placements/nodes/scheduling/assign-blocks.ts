/** A node that takes blocks, and how much it can do at a time. */
export interface NodeCapacity {
  readonly node: string;
  /** In threads of usual speed, > 0. */
  readonly capacity: number;
}

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
  const loads = new Map(nodes.map(({ node }) => [node, 0]));
  const perThread = ({ node, capacity }: NodeCapacity, more = 0) =>
    (loads.get(node)! + more) / capacity;
  const assigned: string[] = [];
  const give = (block: number, node: string): void => {
    const before = assigned[block];
    if (before !== undefined) loads.set(before, loads.get(before)! - weights[block]!);
    loads.set(node, loads.get(node)! + weights[block]!);
    assigned[block] = node;
  };
  const leastBusy = (weight: number) =>
    nodes.reduce((best, node) => (perThread(node, weight) < perThread(best, weight) ? node : best));

  for (const [block, owner] of owners.entries()) {
    if (owner !== undefined && loads.has(owner)) give(block, owner);
  }
  for (const [block, weight] of weights.entries()) {
    if (assigned[block] === undefined) give(block, leastBusy(weight).node);
  }
  // Every move lowers the largest load or leaves one node fewer that has it.
  for (let moves = 0; moves < weights.length * nodes.length; moves++) {
    const busiest = nodes.reduce((most, node) => (perThread(node) > perThread(most) ? node : most));
    const block = assigned.lastIndexOf(busiest.node);
    if (block < 0) break;
    const to = leastBusy(weights[block]!);
    if (perThread(to, weights[block]!) >= perThread(busiest)) break;
    give(block, to.node);
  }
  return assigned;
}
