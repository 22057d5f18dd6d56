import { bytesOfJob, bytesOfRatings, type SideShape } from '../../src/kernels/lay-out-job.js';
import type { Side } from '../../src/ratings/ratings.js';
import { opposite } from '../../src/ratings/ratings.js';
import { type BlockPlan, blocksByNode } from './block-plan.js';
import type { ResolvedCluster, ResolvedShape } from './plan-input.js';
import { rowBytes } from './row-traffic.js';

/** Bytes of a node's memory, or of the fullest node's. */
export interface NodeMemory {
  /** Parts of at most 4 GiB, of both sides together. */
  readonly parts: number;
  /** In both orientations. */
  readonly ratings: number;
  /** Two generations of its own rows. */
  readonly factors: number;
  /** Copies of the rows of the fixed sides that its blocks need. */
  readonly copies: number;
  /** Gram matrices, scratch memory, messages and the process itself. */
  readonly buffers: number;
  readonly total: number;
  /** Of the whole job in one memory, which nodes need today. */
  readonly whole: number;
}

/** The largest arena: 4 GiB less its last 64 KiB. */
export const partLimit = 65_535 * 65_536;
/** Node itself, with its kernels. */
const processBytes = 100e6;
/** Scratch memory of a thread, which has two tasks. */
const threadBytes = 16e6;
/** Rows on their way to a node and from it. */
const transitBytes = 2 * 16 * 2 ** 20;
/** Of a user or an item at the supervisor: its id, its number of ratings, its place. */
const rowBytesOfSupervisor = 100;

/** The blocks of a side that a node has, together. */
interface Holding {
  readonly ratings: number;
  readonly rows: number;
  readonly blocks: number;
}

/**
 * Memory of the fullest node. A job on one machine that fits one part lies in one, as `layOutJob`
 * lays it out; else what it holds of each side is cut into as many parts as it needs, with copies of the rows
 * of the other side that their ratings name (`docs/scale.md`).
 */
export function nodeMemory(
  shape: ResolvedShape,
  cluster: ResolvedCluster,
  plan: BlockPlan,
): NodeMemory {
  const buffers =
    processBytes + cluster.threads * threadBytes + (cluster.nodes > 1 ? transitBytes : 0);
  const job = wholeJob(shape, plan);
  const whole = job.ratings + job.factors;
  if (cluster.nodes === 1 && whole <= partLimit) {
    return { ...job, parts: 1, ...withTotal(job, buffers), whole };
  }
  const [users, items] = [holdingsOf(plan, 'user'), holdingsOf(plan, 'item')];
  const weight = (at: number) => users[at]!.ratings + items[at]!.ratings;
  const fullest = users.reduce((most, _, at) => (weight(at) > weight(most) ? at : most), 0);
  const user = partsOf(shape, 'user', users[fullest]!);
  const item = partsOf(shape, 'item', items[fullest]!);
  const memory = {
    parts: user.parts + item.parts,
    ratings: user.ratings + item.ratings,
    factors: user.factors + item.factors,
    copies: user.copies + item.copies,
  };
  return { ...memory, ...withTotal(memory, buffers + user.grams + item.grams), whole };
}

/**
 * Memory of the supervisor: what it knows of each row, and one Gram matrix for each block; with rows
 * that travel through it their table too.
 */
export function supervisorMemory(
  shape: ResolvedShape,
  { nodes, road }: ResolvedCluster,
  { blocks }: BlockPlan,
): number {
  if (nodes === 1) return 0;
  const rows = shape.users + shape.items;
  const grams = Math.max(blocks.user.length, blocks.item.length) * shape.rank * rowBytes(shape);
  const table = road === 'server' ? 2 * rows * rowBytes(shape) : 0;
  return processBytes + rows * rowBytesOfSupervisor + grams + table;
}

/** Bytes that are copied from part to part on a node in an iteration. */
export function copiedBytes({ copies, parts }: NodeMemory): number {
  return parts > 1 ? copies : 0;
}

function withTotal(
  { ratings, factors, copies }: Pick<NodeMemory, 'ratings' | 'factors' | 'copies'>,
  buffers: number,
): Pick<NodeMemory, 'buffers' | 'total'> {
  return { buffers, total: ratings + factors + copies + buffers };
}

/** By node: what it has of a side. */
function holdingsOf(plan: BlockPlan, side: Side): Holding[] {
  return [...blocksByNode(plan, side).values()].map((numbers) => {
    const own = numbers.map((block) => plan.blocks[side][block]!);
    return {
      ratings: own.reduce((sum, { ratings }) => sum + ratings, 0),
      rows: own.reduce((sum, { first, end }) => sum + end - first, 0),
      blocks: own.length,
    };
  });
}

function wholeJob(shape: ResolvedShape, { blocks }: BlockPlan) {
  const side = (side: Side): SideShape => ({
    rowCount: shape.degrees[side].rowCount,
    entries: shape.ratings,
    blockStarts: [0, ...blocks[side].map(({ end }) => end)],
  });
  const factors = bytesOfJob({ ...format(shape), user: side('user'), item: side('item') });
  const ratings = bytesOfRatings(side('user')) + bytesOfRatings(side('item'));
  return { ratings, factors, copies: 0 };
}

/** The fewest parts of what a node holds that take at most 4 GiB each. */
function partsOf(shape: ResolvedShape, side: Side, holding: Holding) {
  if (holding.ratings === 0) return { parts: 0, ratings: 0, factors: 0, copies: 0, grams: 0 };
  for (let parts = 1; ; parts = Math.ceil(parts * 1.05 + 0.5)) {
    const rows = Math.ceil(holding.rows / parts);
    const entries = Math.ceil(holding.ratings / parts);
    const needed = shape.degrees[opposite(side)].neededRows(
      holding.ratings / parts / shape.ratings,
    );
    const solved = { rowCount: rows, entries, blockStarts: new Array(holding.blocks + 1).fill(0) };
    const copied = { rowCount: Math.ceil(needed), entries: 0, blockStarts: [0, 0], copiedFrom: 1 };
    const ratings = bytesOfRatings(solved);
    const copies = copied.rowCount * rowBytes(shape);
    const grams = (holding.blocks + 1) * shape.rank * rowBytes(shape);
    const bytes = ratings + bytesOfJob({ ...format(shape), user: solved, item: copied });
    // A single row cannot be cut.
    if (bytes > partLimit && parts < holding.rows) continue;
    const all = { ratings: parts * ratings, copies: parts * copies, grams: parts * grams };
    return { parts, ...all, factors: parts * (bytes - ratings - copies - grams) };
  }
}

function format({ rank }: ResolvedShape) {
  return { elementBytes: 4, stride: Math.ceil(rank / 4) * 4 } as const;
}
