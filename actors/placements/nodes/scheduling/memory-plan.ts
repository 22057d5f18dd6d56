import { arenaBytes } from '../../../../src/arena.js';
import type { RatedJob, SparseLayout } from '../../../../src/kernels/job-layout.js';
import {
  bytesOfJob,
  bytesOfRatings,
  type JobShape,
  slotBytesOf,
} from '../../../../src/kernels/lay-out-job.js';
import { traitsOf } from '../../../../src/kernels/select/choose-kernel.js';
import { opposite, type Side } from '../../../../src/ratings/ratings.js';
import { rowBytesOf } from '../protocol/row-piece.js';

/** Blocks of a side that lie in one memory of a node. */
export interface PartBlocks {
  readonly side: Side;
  readonly blocks: readonly number[];
}

const mebibyte = 2 ** 20;
/**
 * What a worker's process takes beside a job's memory, and each of its threads in each part. Peaks of up
 * to 125 and 4 MiB were measured (docs/nodes.md, Node 20); garbage varies, so a sixth and a half are added.
 */
const processBytes = 146 * mebibyte;
const threadBytes = 6 * mebibyte;
/** The process that reads a worker's ratings: 353 MiB measured, of which DuckDB holds 256 at most. */
export const readerBytes = 412 * mebibyte;

/** A thread runs one task and has one that waits, with scratch memory each. */
const slotsPerThread = 2;

/**
 * How many bytes of a node's memory a job takes: its ratings and rows, scratch memory, and the process
 * itself. Bounds from above.
 */
export class MemoryPlan {
  /** What one memory takes at most. */
  readonly memoryBytes: number;
  readonly #job: RatedJob;
  readonly #shape: JobShape;
  readonly #sizes: Partial<Record<Side, readonly BlockSize[]>> = {};
  #slotBytes: number | undefined;

  constructor(job: RatedJob, shape: JobShape, memoryBytes = arenaBytes) {
    this.memoryBytes = memoryBytes;
    this.#job = job;
    this.#shape = shape;
  }

  /** Of a node that holds the whole job; infinite if it does not fit one memory. */
  wholeBytes(threads: number): number {
    const { user, item } = this.#shape;
    const ratings = bytesOfRatings(user) + bytesOfRatings(item);
    const job = bytesOfJob(this.#shape) + ratings + this.#scratchBytes(threads);
    return job > this.memoryBytes ? Number.POSITIVE_INFINITY : job + this.#processBytes(threads, 2);
  }

  /** Of a node that holds these parts, each in a memory of its own. */
  partedBytes(threads: number, parts: readonly PartBlocks[]): number {
    const filled = parts.filter(({ blocks }) => blocks.length > 0);
    const inAll = filled.reduce((sum, part) => sum + this.partBytes(threads, part), 0);
    const pools = Math.max(2, filled.length);
    return this.#processBytes(threads, pools) + this.#lengthsBytes() + inAll;
  }

  /** Of the memory of one part. */
  partBytes(threads: number, { side, blocks }: PartBlocks): number {
    const sizes = this.#sizesOf(side);
    return this.#bytesOf(
      threads,
      side,
      blocks.map((block) => sizes[block]!).reduce(addSizes, noSize),
    );
  }

  /** Cuts blocks that come to a node into parts of which each fits one memory, or is one block. */
  cut(threads: number, side: Side, blocks: readonly number[]): PartBlocks[] {
    const sizes = this.#sizesOf(side);
    const parts: { side: Side; blocks: number[] }[] = [];
    let size = noSize;
    for (const block of [...blocks].sort((a, b) => a - b)) {
      const grown = addSizes(size, sizes[block]!);
      const part = parts.at(-1);
      if (part && this.#bytesOf(threads, side, grown) <= this.memoryBytes) {
        part.blocks.push(block);
        size = grown;
      } else {
        parts.push({ side, blocks: [block] });
        size = sizes[block]!;
      }
    }
    return parts;
  }

  /** Process and threads, of which every part has its own; and the process that reads ratings. */
  #processBytes(threads: number, parts: number): number {
    const reader = this.#job.source === undefined ? 0 : readerBytes;
    return processBytes + threads * parts * threadBytes + reader;
  }

  /** Lengths and λ of all rows, and their numbers in a part while it is made. */
  #lengthsBytes(): number {
    const { elementBytes, user, item } = this.#shape;
    const sparse = user.heldOutEntries === undefined ? 1 : 2;
    const { rowCount } = user;
    return (rowCount + item.rowCount) * (sparse * 4 + elementBytes + 6);
  }

  /** Of a part with blocks of this size together. */
  #bytesOf(threads: number, side: Side, { ownBytes, needed }: BlockSize): number {
    const { elementBytes, stride } = this.#shape;
    const rowBytes = rowBytesOf(this.#job);
    const copies = Math.min(this.#job[opposite(side)].rowCount, needed);
    const grams = this.#job[side].blockStarts.length * stride * rowBytes;
    const scratch = this.#scratchBytes(threads) + elementBytes * stride;
    return ownBytes + copies * (rowBytes + 4) + grams + scratch;
  }

  #scratchBytes(threads: number): number {
    this.#slotBytes ??= slotBytesOf(traitsOf(this.#job.kernel), this.#job);
    return threads * slotsPerThread * this.#slotBytes;
  }

  #entriesOf(side: Side, block: number): number {
    return sparseOf(this.#job, side).reduce((sum, { offsets }) => {
      const starts = offsetsOf(this.#job, side, offsets);
      const { blockStarts } = this.#job[side];
      return sum + starts[blockStarts[block + 1]!]! - starts[blockStarts[block]!]!;
    }, 0);
  }

  /** By block. Reads the ratings once, if they are here. */
  #sizesOf(side: Side): readonly BlockSize[] {
    this.#sizes[side] ??= this.#measure(side);
    return this.#sizes[side];
  }

  #measure(side: Side): BlockSize[] {
    const rowBytes = 8 + this.#shape.elementBytes + 2 * rowBytesOf(this.#job);
    const { blockStarts } = this.#job[side];
    const entriesOf = (block: number) => this.#entriesOf(side, block);
    return neededRows(this.#job, side, entriesOf).map((needed, block) => {
      const rows = blockStarts[block + 1]! - blockStarts[block]!;
      return { needed, ownBytes: entriesOf(block) * 8 + rows * rowBytes };
    });
  }
}

/** What blocks bring to a part. */
interface BlockSize {
  /** Bytes of their ratings and rows. */
  readonly ownBytes: number;
  /** Rows of the other side that they need, at most. */
  readonly needed: number;
}

const noSize: BlockSize = { ownBytes: 0, needed: 0 };

function addSizes(a: BlockSize, b: BlockSize): BlockSize {
  return { ownBytes: a.ownBytes + b.ownBytes, needed: a.needed + b.needed };
}

function neededRows(
  job: RatedJob,
  side: Side,
  entriesOf: (block: number) => number,
): readonly number[] {
  const { blockStarts } = job[side];
  const { rowCount } = job[opposite(side)];
  const blocks = blockStarts.slice(1).map((_, block) => block);
  if (job.source !== undefined) return blocks.map((block) => Math.min(rowCount, entriesOf(block)));
  /** By row of the other side: the last block that needs it, plus 1. */
  const marks = new Uint16Array(rowCount);
  return blocks.map((block) => {
    let count = 0;
    for (const { offsets, columns } of sparseOf(job, side)) {
      const starts = offsetsOf(job, side, offsets);
      const [first, end] = [starts[blockStarts[block]!]!, starts[blockStarts[block + 1]!]!];
      for (const column of new Uint32Array(job.memory.buffer, columns + first * 4, end - first)) {
        if (marks[column] === block + 1) continue;
        marks[column] = block + 1;
        count++;
      }
    }
    return count;
  });
}

function sparseOf(job: RatedJob, side: Side): readonly SparseLayout[] {
  const { ratings, heldOut } = job[side];
  return heldOut ? [ratings, heldOut] : [ratings];
}

function offsetsOf(job: RatedJob, side: Side, offsets: number): Uint32Array {
  return new Uint32Array(job.memory.buffer, offsets, job[side].rowCount + 1);
}
