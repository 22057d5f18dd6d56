import { cutByWork, maxBlockCount } from '../../src/ratings/blocks.js';
import type { Side } from '../../src/ratings/ratings.js';
import { opposite } from '../../src/ratings/ratings.js';
import { BlockOwners } from '../placements/nodes/scheduling/block-owners.js';
import type { MachineFigures } from './machine-figures.js';
import type { ResolvedCluster, ResolvedShape } from './plan-input.js';
import { type BlockSize, farShare, slowdownOf, solveSeconds } from './solve-seconds.js';

/** The second side of an iteration, whose tasks sum the errors. */
export const secondSide: Side = 'item';

/** A block of a job that is not there. */
export interface PlannedBlock extends BlockSize {
  readonly first: number;
  readonly end: number;
  /** Expected seconds of its task while the other threads of its node work too. */
  readonly seconds: number;
}

/** The blocks of a job, cut as a job cuts them, and who has them. */
export interface BlockPlan {
  readonly blocks: Readonly<Record<Side, readonly PlannedBlock[]>>;
  /** Names of nodes, `0` and so on. */
  readonly nodes: readonly string[];
  readonly owners: BlockOwners;
}

/** Cuts both sides into blocks, and shares them out as the scheduler does. */
export function planBlocks(
  shape: ResolvedShape,
  cluster: ResolvedCluster,
  figures: MachineFigures,
): BlockPlan {
  const blocks = {
    user: blocksOf('user', shape, cluster, figures),
    item: blocksOf('item', shape, cluster, figures),
  };
  const weights = (side: Side) =>
    blocks[side].map(({ first, end, ratings }) => ratings + end - first);
  const owners = new BlockOwners({ user: weights('user'), item: weights('item') });
  const nodes = Array.from({ length: cluster.nodes }, (_, node) => `${node}`);
  const capacities = nodes.map((node) => ({ node, capacity: cluster.threads }));
  for (const side of ['user', 'item'] as const) owners.assign(side, capacities);
  return { blocks, nodes, owners };
}

function blocksOf(
  side: Side,
  shape: ResolvedShape,
  cluster: ResolvedCluster,
  figures: MachineFigures,
): PlannedBlock[] {
  const rows = shape.degrees[side];
  const threads = cluster.nodes * cluster.threads;
  const usual = cutByWork(rows, shape.rank);
  const wanted =
    shape.blocks ??
    (cluster.nodes === 1 || threads < usual.length ? undefined : Math.min(maxBlockCount, threads));
  const starts = wanted === undefined ? usual : cutByWork(rows, shape.rank, wanted);
  const secondsOf = secondsOfBlocks(side, shape, cluster, figures);
  return starts.slice(0, -1).map((first, block) => {
    const end = starts[block + 1]!;
    const size = {
      rows: end - first,
      ratings: rows.entriesBefore(end) - rows.entriesBefore(first),
      ratedRows: rows.ratedBefore(end) - rows.ratedBefore(first),
    };
    return { first, end, ...size, seconds: secondsOf(size) };
  });
}

/** Expected seconds of a side's tasks while the other threads of their node work too. */
export function secondsOfBlocks(
  side: Side,
  shape: ResolvedShape,
  { onOneMachine, nodes, threads }: ResolvedCluster,
  figures: MachineFigures,
): (size: BlockSize) => number {
  const slowdown = slowdownOf(figures, onOneMachine ? nodes * threads : threads);
  const fixed = shape.degrees[opposite(side)];
  const { solver, rank, cgSteps, subspaceSize } = shape;
  const phase = {
    ...{ solver, rank, cgSteps, subspaceSize, isMeasured: side === secondSide },
    ...{ fixedRows: fixed.rowCount, farShare: farShare(fixed, rank) },
  };
  return ({ ratings, rows, ratedRows }) =>
    slowdown * solveSeconds(figures, { ...phase, ratings, rows, ratedRows });
}

/** By node: its blocks of a side, in rising order. */
export function blocksByNode({ nodes, owners }: BlockPlan, side: Side): Map<string, number[]> {
  const blocks = new Map<string, number[]>(nodes.map((node) => [node, []]));
  for (const [block, node] of owners.ownersOf(side).entries()) blocks.get(node!)!.push(block);
  return blocks;
}
