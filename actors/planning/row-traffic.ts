import type { Side } from '../../src/ratings/ratings.js';
import { opposite } from '../../src/ratings/ratings.js';
import { isHot } from '../placements/nodes/rows/plan-rows.js';
import type { BlockPlan, PlannedBlock } from './block-plan.js';
import { chanceOfOne } from './degree-curve.js';
import type { ResolvedCluster, ResolvedShape } from './plan-input.js';

/** Bytes that the rows of a block cause once they are solved, by the resource that carries them. */
export interface Traffic {
  /** Into all nodes together. */
  readonly received: number;
  /** Out of the node that has solved them. */
  readonly sent: number;
  /** Into the server and out of it; 0 with direct transfers. */
  readonly serverIn: number;
  readonly serverOut: number;
  readonly supervisorIn: number;
  readonly supervisorOut: number;
  /** Messages of rows that the supervisor handles, once for each receiver. */
  readonly deliveries: number;
}

/** How rows travel. */
export type RowWay = 'broadcast' | 'routed';

/** Bytes of rows in a message. */
const pieceBytes = 2 ** 20;
/** Routing must save this share, as in `nodes()`. */
const minSaving = 0.05;

/** Bytes of a row as it travels. */
export function rowBytes({ rank }: Pick<ResolvedShape, 'rank'>): number {
  return Math.ceil(rank / 4) * 16;
}

/**
 * How many other nodes need each row of a block, in expectation: of `readers` nodes with equal shares
 * of the ratings, those that have at least one of the row's.
 *
 * @returns copies: rows times nodes that need them; `hot` rows are those that go to all in one message
 */
export function wishesOf(
  shape: ResolvedShape,
  side: Side,
  { first, end }: Pick<PlannedBlock, 'first' | 'end'>,
  readers: number,
): { readonly copies: number; readonly hot: number; readonly coldCopies: number } {
  let [copies, hot, coldCopies] = [0, 0, 0];
  for (const { rows, length } of shape.degrees[side].stepsBetween(first, end)) {
    const nodes = (readers - 1) * chanceOfOne(1 / readers, length);
    copies += rows * nodes;
    if (isHot(nodes, readers)) hot += rows;
    else coldCopies += rows * nodes;
  }
  return { copies, hot, coldCopies };
}

/**
 * What a block's rows cause. Through the server a broadcast is published once by the node, and
 * delivered to every other node and the supervisor; routed rows go to the supervisor, which publishes
 * hot rows once to all and the others to each node that needs them. Direct transfers go once from the
 * node that has solved a row to each that needs it, and the supervisor gets sums alone.
 */
export function trafficOf(
  shape: ResolvedShape,
  { nodes, road }: ResolvedCluster,
  side: Side,
  block: PlannedBlock,
  way: RowWay,
  readers: number,
): Traffic {
  const bytesOfRow = rowBytes(shape);
  const rows = block.end - block.first;
  const whole = rows * bytesOfRow;
  const square = shape.rank * bytesOfRow;
  if (nodes === 1 || readers === 1) return nothingCarried;
  const { copies, hot, coldCopies } = wishesOf(shape, side, block, readers);
  // A bit for each row says which are in a message.
  const bits = (rows / 8) * readers;
  const broadcast = (readers - 1) * whole;
  if (road === 'direct') {
    const sent = way === 'broadcast' ? broadcast : copies * bytesOfRow + bits;
    return { ...nothingCarried, received: sent, sent, supervisorIn: square };
  }
  const own = { sent: whole + square, supervisorIn: whole + square };
  if (way === 'broadcast') {
    const serverOut = broadcast + whole + square;
    const deliveries = readers * Math.ceil(whole / pieceBytes);
    const through = { serverIn: whole + square, serverOut };
    return { ...own, ...through, received: broadcast, supervisorOut: 0, deliveries };
  }
  const published = (hot + coldCopies) * bytesOfRow + bits;
  const received = (hot * readers + coldCopies) * bytesOfRow + bits;
  return {
    ...own,
    received,
    serverIn: whole + square + published,
    serverOut: whole + square + received,
    supervisorOut: published,
    deliveries:
      readers * Math.ceil((hot * bytesOfRow) / pieceBytes) +
      Math.ceil((coldCopies * bytesOfRow) / pieceBytes),
  };
}

/** The traffic of no rows. */
export const nothingCarried: Traffic = Object.freeze({
  ...{ received: 0, sent: 0, serverIn: 0, serverOut: 0 },
  ...{ supervisorIn: 0, supervisorOut: 0, deliveries: 0 },
});

/** How many nodes have blocks of a side. */
export function solversOf({ owners }: BlockPlan, side: Side): number {
  return new Set(owners.ownersOf(side)).size;
}

/** The traffic of all blocks of a side, once they are solved. */
export function sideTraffic(
  shape: ResolvedShape,
  cluster: ResolvedCluster,
  plan: BlockPlan,
  side: Side,
  way: RowWay,
): Traffic[] {
  const readers = solversOf(plan, opposite(side));
  return plan.blocks[side].map((block) => trafficOf(shape, cluster, side, block, way, readers));
}

/** The sum of several. */
export function addTraffic(traffics: readonly Traffic[]): Traffic {
  const sum: { -readonly [Name in keyof Traffic]: number } = { ...nothingCarried };
  for (const each of traffics) {
    sum.received += each.received;
    sum.sent += each.sent;
    sum.serverIn += each.serverIn;
    sum.serverOut += each.serverOut;
    sum.supervisorIn += each.supervisorIn;
    sum.supervisorOut += each.supervisorOut;
    sum.deliveries += each.deliveries;
  }
  return sum;
}

/** The traffic of a side in both ways. */
export type TrafficOfWays = Readonly<Record<RowWay, Traffic>>;

/** The way of a side's rows: the one that is asked for, or the one with fewer bytes, as `nodes()` does. */
export function wayOf({ routing }: ResolvedCluster, { broadcast, routed }: TrafficOfWays): RowWay {
  if (routing !== 'auto') return routing;
  return routed.received < broadcast.received * (1 - minSaving) ? 'routed' : 'broadcast';
}

/** The ways of both sides' rows. */
export function waysOf(
  shape: ResolvedShape,
  cluster: ResolvedCluster,
  plan: BlockPlan,
): Record<Side, RowWay> {
  const wayOfSide = (side: Side) => wayOf(cluster, trafficOfWays(shape, cluster, plan, side));
  return { user: wayOfSide('user'), item: wayOfSide('item') };
}

/** The traffic of a side, for each way. */
export function trafficOfWays(
  shape: ResolvedShape,
  cluster: ResolvedCluster,
  plan: BlockPlan,
  side: Side,
): TrafficOfWays {
  return {
    broadcast: addTraffic(sideTraffic(shape, cluster, plan, side, 'broadcast')),
    routed: addTraffic(sideTraffic(shape, cluster, plan, side, 'routed')),
  };
}
