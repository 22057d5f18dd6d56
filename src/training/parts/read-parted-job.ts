import { Arena, arenaBytes } from '../../arena.js';
import { sparseLayout } from '../../kernels/ratings-layout.js';
import type { DescribedRatings } from '../../ratings/described-ratings.js';
import { rowsOf, type Side } from '../../ratings/ratings.js';
import { allocateSparseRows, type RowLengths, type SparseRows } from '../../ratings/sparse-rows.js';
import type { Job, JobInput } from '../job.js';
import { numbersOf } from './create-parted-job.js';
import { type BlockRange, cutByCounts, neededBy } from './cut-side.js';
import {
  bytesOfPart,
  checkPartSize,
  joinParts,
  layOutPart,
  type OwnedPart,
  type PartedInput,
  partedInput,
} from './lay-out-part.js';

/** Where described ratings are read from. */
export interface RowSource {
  /**
   * Ratings of the rows `first` … `end` − 1 of a side, in memory of their own. Rows that are asked for
   * together come in their order.
   */
  rows(side: Side, first: number, end: number): Promise<SparseRows>;
}

/**
 * A job in parts from ratings that are only described: each part is read straight into its memory, a
 * block at a time, so that no more of the ratings is in memory than the job itself has.
 *
 * @param partBytes as for `createFittingJob`
 * Rejects with what `createFittingJob` throws, and with what reading throws.
 */
export async function readPartedJob(
  input: JobInput & { readonly ratings: DescribedRatings },
  source: RowSource,
  partBytes: number = arenaBytes,
): Promise<Job> {
  const parted = partedInput(input, partBytes);
  const lengths = input.ratings;
  const user = await readSide(parted, rowsOf<RowLengths>(lengths, 'user'), source, 'user');
  const item = await readSide(parted, rowsOf<RowLengths>(lengths, 'item'), source, 'item');
  return joinParts(parted, { user, item });
}

async function readSide(
  input: PartedInput,
  lengths: RowLengths,
  source: RowSource,
  side: Side,
): Promise<OwnedPart[]> {
  const { blockStarts } = input.shape[side];
  const bytesOf = (blocks: BlockRange, needed: number) => bytesOfPart(input, side, blocks, needed);
  const cuts = cutByCounts({
    ...{ lengths, blockStarts },
    fits: (blocks, needed) => bytesOf(blocks, needed) <= input.partBytes,
  });
  for (const { maxNeeded, ...blocks } of cuts)
    checkPartSize(input, side, bytesOf(blocks, maxNeeded));
  const readings = cuts.map((blocks) => readPart(input, lengths, source, side, blocks));
  const read = await Promise.all(readings);
  return read.map(({ arena, rows }, at) => {
    const needed = neededBy([rows]);
    const numbers = numbersOf(needed, lengths.columnCount);
    const { columns } = rows;
    for (let entry = 0; entry < columns.length; entry++) columns[entry] = numbers[columns[entry]!]!;
    const own = { ratings: sparseLayout(rows) };
    return layOutPart(input, side, cuts[at]!, { arena, own, needed });
  });
}

/** Reads the blocks of a part into an arena of its own. Columns are rows of the whole other side. */
async function readPart(
  { shape }: PartedInput,
  { offsets, columnCount }: RowLengths,
  source: RowSource,
  side: Side,
  { firstBlock, endBlock }: BlockRange,
): Promise<{ readonly arena: Arena; readonly rows: SparseRows }> {
  const { blockStarts } = shape[side];
  const [first, end] = [blockStarts[firstBlock]!, blockStarts[endBlock]!];
  const before = offsets[first]!;
  const arena = new Arena();
  const rows = allocateSparseRows(arena, {
    ...{ rowCount: end - first, columnCount },
    count: offsets[end]! - before,
  });
  for (let row = first; row <= end; row++) rows.offsets[row - first] = offsets[row]! - before;
  const blocks = Array.from({ length: endBlock - firstBlock }, async (_, at) => {
    const [from, to] = [blockStarts[firstBlock + at]!, blockStarts[firstBlock + at + 1]!];
    const block = await source.rows(side, from, to);
    rows.columns.set(block.columns, offsets[from]! - before);
    rows.ratings.set(block.ratings, offsets[from]! - before);
  });
  await Promise.all(blocks);
  return { arena, rows };
}
