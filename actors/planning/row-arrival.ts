import type { MachineFigures } from './machine-figures.js';
import type { ResolvedCluster } from './plan-input.js';
import type { Traffic } from './row-traffic.js';
import {
  amountsOf,
  capacitiesOf,
  type TransferResource,
  transferResources,
} from './transfer-resources.js';

/** A solved block whose rows are to be sent. */
export interface SolvedBlock {
  readonly node: string;
  /** Seconds from the start of the phase until it is solved. */
  readonly at: number;
  readonly traffic: Traffic;
}

/** When all rows of a phase have arrived, and what carried them most slowly. */
export interface RowArrival {
  readonly at: number;
  readonly carrier: TransferResource;
}

/**
 * When the rows of blocks have arrived. Every resource carries those of one block after those of
 * another, in the order in which they are solved, and waits while there are none: blocks of many short
 * rows are solved last and have most of the bytes. Each node sends by a card of its own. Resources
 * that wait for each other would take longer.
 *
 * @param blocks at least one
 */
export function rowArrival(
  blocks: readonly SolvedBlock[],
  cluster: ResolvedCluster,
  figures: MachineFigures,
): RowArrival {
  const capacities = capacitiesOf(cluster, figures);
  const card = capacities['nodes send'] / cluster.nodes;
  const free = Object.fromEntries(transferResources.map((each) => [each, 0])) as {
    [Name in TransferResource]: number;
  };
  const freeCards = new Map<string, number>();
  for (const { node, at, traffic } of [...blocks].sort((a, b) => a.at - b.at)) {
    const amounts = amountsOf(cluster, figures, traffic, 1);
    const sent = Math.max(at, freeCards.get(node) ?? 0) + amounts['nodes send'] / card;
    freeCards.set(node, sent);
    for (const each of transferResources) {
      free[each] =
        each === 'nodes send'
          ? Math.max(free[each], sent)
          : Math.max(free[each], at) + amounts[each] / capacities[each];
    }
  }
  const carrier = transferResources.reduce((most, each) => (free[each] > free[most] ? each : most));
  return { at: free[carrier], carrier };
}
