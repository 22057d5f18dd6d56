import type { MachineFigures } from './machine-figures.js';
import type { ResolvedCluster } from './plan-input.js';
import type { Traffic } from './row-traffic.js';
import {
  amountsOf,
  capacitiesOf,
  sharedResources,
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
 * rows are solved last and have most of the bytes. Each node sends by a card of its own, one block after
 * another, so that its next block waits for what carries this one most slowly: while the first blocks, of
 * popular rows, keep the server busy, the supervisor has little to do, and later it is the other way round.
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
  const busy = byResource(0);
  const sentBy = new Map<string, number>();
  let arrived = 0;
  for (const round of roundsOf(blocks)) {
    const free = byResource(arrived);
    for (const { node, at, traffic } of round) {
      const amounts = amountsOf(cluster, figures, traffic, 1);
      sentBy.set(node, Math.max(at, sentBy.get(node) ?? 0) + amounts['nodes send'] / card);
      for (const each of sharedResources) {
        const seconds = amounts[each] / capacities[each];
        free[each] = Math.max(free[each], at) + seconds;
        busy[each] += seconds;
      }
    }
    arrived = Math.max(...sharedResources.map((each) => free[each]));
  }
  const sent = Math.max(...sentBy.values());
  if (sent > arrived) return { at: sent, carrier: 'nodes send' };
  const carrier = sharedResources.reduce((most, each) => (busy[each] > busy[most] ? each : most));
  return { at: arrived, carrier };
}

function byResource(seconds: number): { [Name in TransferResource]: number } {
  const entries = transferResources.map((each) => [each, seconds]);
  return Object.fromEntries(entries) as { [Name in TransferResource]: number };
}

/** The first solved block of every node, then the second ones and so on; each round as they are solved. */
function roundsOf(blocks: readonly SolvedBlock[]): SolvedBlock[][] {
  const rounds: SolvedBlock[][] = [];
  const solvedBy = new Map<string, number>();
  for (const block of [...blocks].sort((a, b) => a.at - b.at)) {
    const before = solvedBy.get(block.node) ?? 0;
    solvedBy.set(block.node, before + 1);
    if (before === rounds.length) rounds.push([]);
    rounds[before]!.push(block);
  }
  return rounds;
}
