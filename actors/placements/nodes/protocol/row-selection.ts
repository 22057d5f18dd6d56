import type { RatedJob, SparseLayout } from '../../../../src/kernels/job-layout.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { opposite } from '../../../../src/ratings/ratings.js';

/**
 * Which rows: all of them, or those that blocks of the other side read; bit b stands for block b.
 * None is 0.
 */
export type RowSelection = 'all' | number;

/** The selection of the rows that these blocks read. With more than 32, blocks share bits. */
export function readBy(blocks: Iterable<number>): number {
  let mask = 0;
  for (const block of blocks) mask |= 1 << (block & 31);
  return mask >>> 0;
}

/**
 * Adds a block to the readers of the rows that it needs.
 *
 * @param readers by row: the selection of its readers; changed
 * @param needed a bit for each row, lowest first: whether the block reads it
 */
export function addReader(readers: Uint32Array, block: number, needed: Uint8Array): void {
  const bit = readBy([block]);
  for (let row = 0; row < readers.length; row++) {
    if (needed[row >> 3]! & (1 << (row & 7))) readers[row]! |= bit;
  }
}

/**
 * Which blocks of the other side read a row when they are solved: those that rate it, or have a
 * withheld rating of it. A row travels only to the nodes that solve one of them.
 *
 * An example: four items, the users in blocks 0 = {u0, u1} and 1 = {u2, u3}.
 *
 *     ratings   u0: i0, i2     u1: i2     u2: i0     u3: i3
 *
 *     item   rated by   readers (bit b is block b)
 *     i0     u0, u2     0b11
 *     i1     none       0b00     never sent
 *     i2     u0, u1     0b01
 *     i3     u3         0b10
 *
 * The node that solves user block 1 has the selection `readBy([1])` = 0b10. It gets the rows whose
 * readers share a bit with it: i0 and i3.
 *
 * @returns by row of `side`: the selection of its readers
 */
export function readerSelectionsOf(job: RatedJob, side: Side): Uint32Array {
  const { rowCount, ratings, heldOut } = job[side];
  const { blockStarts, rowCount: columnCount } = job[opposite(side)];
  const readers = new Uint32Array(rowCount);
  const bitOf = new Uint32Array(columnCount);
  for (const [block, start] of blockStarts.slice(0, -1).entries()) {
    bitOf.fill(readBy([block]), start, blockStarts[block + 1]);
  }
  const allBlocks = readBy(Array.from(blockStarts.slice(1), (_, block) => block));
  const add = (sparse: SparseLayout): void => {
    const offsets = new Uint32Array(job.memory.buffer, sparse.offsets, rowCount + 1);
    const columns = new Uint32Array(job.memory.buffer, sparse.columns, offsets[rowCount]!);
    for (let row = 0; row < rowCount; row++) {
      let mask = readers[row]!;
      const end = offsets[row + 1]!;
      // Rows with many ratings are soon read by all.
      for (let at = offsets[row]!; at < end && mask !== allBlocks; at++) {
        mask = (mask | bitOf[columns[at]!]!) >>> 0;
      }
      readers[row] = mask;
    }
  };
  add(ratings);
  if (heldOut !== undefined) add(heldOut);
  return readers;
}
