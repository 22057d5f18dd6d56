import type { RatedJob } from '../../../../src/kernels/job-layout.js';
import { opposite, type Side } from '../../../../src/ratings/ratings.js';
import { rowBytesOf, type TableSizes } from '../protocol/row-piece.js';
import {
  addReader,
  type RowSelection,
  readBy,
  readerSelectionsOf,
} from '../protocol/row-selection.js';
import { isHot } from './plan-rows.js';

/**
 * Which rows of the fixed side a node gets: all of them, those that its blocks rate, or whichever
 * of the two sends fewer bytes.
 */
export type RoutingMode = 'auto' | 'broadcast' | 'routed';

/**
 * Routing must save at least this share: it selects row by row, and its rows go through the
 * supervisor, while rows for all come from the node that has solved them.
 */
const minSaving = 0.05;

/** By block: the node that has it. */
type Owners = readonly (string | undefined)[];

/**
 * Decides which rows nodes get. Where nodes read the ratings, every row goes to all until it is known of
 * every block what it needs.
 */
export class Routing {
  readonly #job: RatedJob;
  readonly #mode: RoutingMode;
  readonly #readers: Partial<Record<Side, Uint32Array>> = {};
  /** Where nodes read the ratings: the blocks of which it is not known what they need. */
  readonly #unknown: Readonly<Record<Side, Set<number>>>;
  readonly #decided: Partial<Record<Side, { owners: Owners; solvers: Owners; isRouted: boolean }>> =
    {};

  constructor(job: RatedJob, mode: RoutingMode) {
    this.#job = job;
    this.#mode = mode;
    const unknown = (side: Side) =>
      new Set(job.source && job[side].blockStarts.slice(1).map((_, block) => block));
    this.#unknown = { user: unknown('user'), item: unknown('item') };
  }

  /** Whether it is to `learn` which rows a block needs. */
  wantsToKnow(side: Side, block: number): boolean {
    return this.#mode !== 'broadcast' && this.#unknown[side].has(block);
  }

  /**
   * Takes in which rows a block needs.
   *
   * @param needed a bit for each row of the other side, lowest first
   */
  learn(side: Side, block: number, needed: Uint8Array): void {
    if (!this.wantsToKnow(side, block)) return;
    const fixed = opposite(side);
    this.#readers[fixed] ??= new Uint32Array(this.#job[fixed].rowCount);
    addReader(this.#readers[fixed], block, needed);
    this.#unknown[side].delete(block);
  }

  /** By row of a side: the selection of its readers. Computed when it is first asked for. */
  readers(side: Side): Uint32Array {
    this.#readers[side] ??= readerSelectionsOf(this.#job, side);
    return this.#readers[side];
  }

  /**
   * The rows of a fixed side that a node needs.
   *
   * @param blocks of the other side, which it solves
   * @param owners of the fixed side's blocks, which have solved them
   * @param solvers of the other side's blocks
   */
  choice(fixed: Side, blocks: readonly number[], owners: Owners, solvers: Owners): RowSelection {
    if (blocks.length === 0) return 0;
    return this.#isRouted(fixed, owners, solvers) ? readBy(blocks) : 'all';
  }

  #isRouted(fixed: Side, owners: Owners, solvers: Owners): boolean {
    // What a node holds is noted by its readers, so they may not change any more.
    if (this.#unknown[opposite(fixed)].size > 0) return false;
    if (this.#mode !== 'auto') return this.#mode === 'routed';
    const decided = this.#decided[fixed];
    if (decided?.owners === owners && decided.solvers === solvers) return decided.isRouted;
    const { broadcast, routed } = rowBytesSent(
      this.#job,
      fixed,
      this.readers(fixed),
      owners,
      solvers,
    );
    const isRouted = routed < broadcast * (1 - minSaving);
    this.#decided[fixed] = { owners, solvers, isRouted };
    return isRouted;
  }
}

/** Bytes of rows that nodes are sent for a phase. */
export interface RowBytes {
  /** If every node gets every row that it has not solved itself. */
  readonly broadcast: number;
  /** If it gets only those that its blocks read, and the bits that say which. */
  readonly routed: number;
}

/**
 * Bytes of the rows of a fixed side, sent to the nodes that have not solved them.
 *
 * @param readers by row of it: the selection of its readers
 * @param owners by block of it: the node that has solved it, and so has its rows
 * @param solvers by block of the other side: the node that reads for it
 */
export function rowBytesSent(
  job: RatedJob,
  fixed: Side,
  readers: Uint32Array,
  owners: Owners,
  solvers: Owners,
): RowBytes {
  const blocksOf = new Map<string, number[]>();
  for (const [block, node] of solvers.entries()) {
    if (node !== undefined) blocksOf.set(node, [...(blocksOf.get(node) ?? []), block]);
  }
  const nodes = [...blocksOf].map(([node, blocks]) => ({ node, mask: readBy(blocks) }));
  let [broadcast, routed, bits] = [0, 0, 0];
  const { blockStarts } = job[fixed];
  for (const [block, start] of blockStarts.slice(0, -1).entries()) {
    const others = nodes.filter(({ node }) => node !== owners[block]);
    const rows = readers.subarray(start, blockStarts[block + 1]);
    broadcast += rows.length * others.length;
    // In a message to each, and in one to all.
    bits += (others.length + nodes.length) * rows.length;
    for (const row of rows) {
      let count = 0;
      for (const { mask } of others) if ((row & mask) !== 0) count++;
      routed += isHot(count, nodes.length) ? nodes.length : count;
    }
  }
  const rowBytes = rowBytesOf(job);
  return { broadcast: broadcast * rowBytes, routed: routed * rowBytes + bits / 8 };
}

/** Bytes of a broadcast of a side with its Gram matrix to `nodes`, each of which gets everything. */
export function fullBroadcastBytesOf(job: TableSizes, fixed: Side, nodes: number): number {
  return (job[fixed].rowCount + job.stride) * rowBytesOf(job) * nodes;
}
