import { Arena, arenaBytes } from '../../arena.js';
import { sparseLayout } from '../../kernels/ratings-layout.js';
import type { DescribedRatings } from '../../ratings/described-ratings.js';
import { rowsOf, type Side } from '../../ratings/ratings.js';
import { allocateSparseRows, type RowLengths, type SparseRows } from '../../ratings/sparse-rows.js';
import type { Job, JobInput } from '../job.js';
import { copyEntries } from './copy-entries.js';
import { numbersOf } from './create-parted-job.js';
import { type BlockRange, cutByCounts, neededBy } from './cut-side.js';
import {
  bytesOfPart,
  checkPartSize,
  isMeasured,
  joinParts,
  layOutPart,
  type OwnedPart,
  type PartedInput,
  partedInput,
} from './lay-out-part.js';

/** Where described ratings are read from. */
export interface RowSource {
  /** Ratings of the rows `first` … `end` − 1 of a side, in memory of their own. */
  rows(side: Side, first: number, end: number): Promise<SparseRows>;
}

/**
 * A job in parts from ratings that are only described: each part is read straight into its memory, some
 * rows at a time, so that no more of the ratings is in memory than the job itself has.
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
  const { heldOut } = input;
  const withheld = heldOut && isMeasured(input, side) ? rowsOf(heldOut, side) : undefined;
  const cuts = cutByCounts({
    ...{ lengths: withheld ? [lengths, withheld] : [lengths], blockStarts },
    fits: (blocks, needed) => bytesOf(blocks, needed) <= input.partBytes,
  });
  for (const { maxNeeded, ...blocks } of cuts)
    checkPartSize(input, side, bytesOf(blocks, maxNeeded));
  const parts: OwnedPart[] = [];
  for (const blocks of cuts) {
    const { arena, rows } = await readRows(input, lengths, source, side, blocks);
    const range = { first: blockStarts[blocks.firstBlock]!, end: blockStarts[blocks.endBlock]! };
    const measured = withheld && rowRange(withheld, range);
    const needed = neededBy(measured ? [rows, measured] : [rows]);
    const numbers = numbersOf(needed, lengths.columnCount);
    const { columns } = rows;
    for (let entry = 0; entry < columns.length; entry++) columns[entry] = numbers[columns[entry]!]!;
    const own = {
      ratings: sparseLayout(rows),
      ...(withheld && { heldOut: sparseLayout(copyEntries(withheld, range, numbers, arena)) }),
    };
    parts.push(layOutPart(input, side, blocks, { arena, own, needed }));
  }
  return parts;
}

/** Rows `first` … `end` − 1 of a matrix. Views: offsets count from the first entry of all. */
function rowRange(rows: SparseRows, { first, end }: { first: number; end: number }): SparseRows {
  return { ...rows, rowCount: end - first, offsets: rows.offsets.subarray(first, end + 1) };
}

/** Entries that are read at once: 8 MiB. */
const entriesAtATime = 2 ** 20;

/** Reads the rows of a part into an arena of its own. Columns are rows of the whole other side. */
async function readRows(
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
  for (let from = first; from < end; ) {
    let to = from + 1;
    while (to < end && offsets[to + 1]! - offsets[from]! <= entriesAtATime) to++;
    const some = await source.rows(side, from, to);
    rows.columns.set(some.columns, offsets[from]! - before);
    rows.ratings.set(some.ratings, offsets[from]! - before);
    from = to;
  }
  return { arena, rows };
}
