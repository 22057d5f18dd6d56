import type { Side } from '../../../src/ratings/ratings.js';
import { opposite } from '../../../src/ratings/ratings.js';
import type { BlockPlan } from '../block-plan.js';
import type { MachineFigures } from '../machine-figures.js';
import { taskSeconds } from '../message-seconds.js';
import type { ResolvedCluster, ResolvedShape } from '../plan-input.js';
import { addTraffic, type RowWay, sideTraffic } from '../row-traffic.js';
import { amountsOf, sharedResources } from '../transfer-resources.js';

/** What the tasks of a side and their rows take, by block. */
export interface SideTraffic {
  /** Bytes into all nodes together. */
  readonly received: number;
  /** Bytes out of the node that has solved the block. */
  readonly sent: Float64Array;
  /** By block and shared resource: what its rows take there. */
  readonly amounts: Float64Array;
  /** Seconds of a thread. */
  readonly solve: Float64Array;
  readonly messages: Float64Array;
}

/** What a side takes, counted again when blocks of the other one have moved. */
export function trafficOfSides(
  shape: ResolvedShape,
  cluster: ResolvedCluster,
  figures: MachineFigures,
  plan: BlockPlan,
  ways: Readonly<Record<Side, RowWay>>,
): (side: Side) => SideTraffic {
  const known = new Map<Side, SideTraffic & { readonly owners: unknown }>();
  return (side) => {
    const owners = plan.owners.ownersOf(opposite(side));
    let traffic = known.get(side);
    if (traffic?.owners !== owners) {
      traffic = { owners, ...countTraffic() };
      known.set(side, traffic);
    }
    return traffic;

    function countTraffic(): SideTraffic {
      const traffics = sideTraffic(shape, cluster, plan, side, ways[side]);
      const column = () => new Float64Array(traffics.length);
      const [sent, solve, messages] = [column(), column(), column()];
      const amounts = new Float64Array(traffics.length * sharedResources.length);
      let place = 0;
      for (const [block, each] of traffics.entries()) {
        const seconds = taskSeconds(cluster, figures, plan.blocks[side][block]!, each);
        sent[block] = each.sent;
        solve[block] = seconds.solve;
        messages[block] = seconds.messages;
        const own = amountsOf(cluster, figures, each, 1);
        for (const resource of sharedResources) amounts[place++] = own[resource];
      }
      const { received } = addTraffic(traffics);
      return { received, sent, amounts, solve, messages };
    }
  };
}
