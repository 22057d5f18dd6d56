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
  checkMachineMemory,
  checkPartSize,
  joinParts,
  layOutPart,
  type OwnedPart,
  type PartedInput,
  partedInput,
  withheldOf,
} from './lay-out-part.js';

/**
 * A job in parts from ratings that are only described: they are read once, some users at a time, straight
 * into the memories of the parts of both sides, so that no more of them is in memory than the job has.
 *
 * @param partBytes as for `createFittingJob`, and so is `memoryBytes`
 * Rejects with what `createFittingJob` throws, with what reading throws, and with the signal's reason.
 */
export async function readPartedJob(
  input: JobInput & { readonly ratings: DescribedRatings },
  partBytes: number = arenaBytes,
  signal?: AbortSignal,
  memoryBytes?: number,
): Promise<Job> {
  const { ratings } = input;
  const parted = partedInput(input, partBytes);
  const cuts = { user: cutsOf(parted, ratings, 'user'), item: cutsOf(parted, ratings, 'item') };
  // How many copies there are is known when the ratings have been read.
  const leastOf = (side: Side, blocks: BlockRange) => bytesOfPart(parted, side, blocks, 0);
  checkMachineMemory(
    sumOf(cuts.user, (blocks) => leastOf('user', blocks)) +
      sumOf(cuts.item, (blocks) => leastOf('item', blocks)),
    memoryBytes,
  );
  const parts = {
    user: cuts.user.map((blocks) => emptyPart(parted, ratings, 'user', blocks)),
    item: cuts.item.map((blocks) => emptyPart(parted, ratings, 'item', blocks)),
  };
  const addUsers = adderOf(parts.user);
  const addItems = transposerOf(parts.item, ratings.byItem.rowCount);
  await ratings.described.entries.each(({ rows }, first) => {
    addUsers(rows, first);
    addItems(rows, first);
  }, signal);
  const read = {
    user: parts.user.map((part) => readPart(parted, 'user', part)),
    item: parts.item.map((part) => readPart(parted, 'item', part)),
  };
  checkMachineMemory(
    sumOf(read.user, ({ bytes }) => bytes) + sumOf(read.item, ({ bytes }) => bytes),
    memoryBytes,
  );
  return joinParts(parted, {
    user: read.user.map((part) => finish(parted, 'user', part)),
    item: read.item.map((part) => finish(parted, 'item', part)),
  });
}

/** A part whose ratings are being read; columns are rows of the whole other side. */
interface PartInReading {
  readonly blocks: BlockRange;
  readonly first: number;
  readonly end: number;
  readonly arena: Arena;
  /** From `first` on, with all offsets. */
  readonly rows: SparseRows;
}

/** A part whose ratings have been read. */
interface ReadPart extends PartInReading {
  /** Rows of the other side, ascending. */
  readonly needed: Uint32Array;
  /** Of the part when it is laid out. */
  readonly bytes: number;
}

/** Parts of as many blocks as fit, by counts alone. Throws `MemoryLimitError`. */
function cutsOf(input: PartedInput, ratings: DescribedRatings, side: Side): BlockRange[] {
  const { blockStarts } = input.shape[side];
  const bytesOf = (blocks: BlockRange, needed: number) => bytesOfPart(input, side, blocks, needed);
  const withheld = withheldOf(input, side);
  const lengths = rowsOf<RowLengths>(ratings, side);
  const cuts = cutByCounts({
    ...{ lengths: withheld ? [lengths, withheld] : [lengths], blockStarts },
    fits: (blocks, needed) => bytesOf(blocks, needed) <= input.partBytes,
  });
  for (const { maxNeeded, ...blocks } of cuts) {
    checkPartSize(input, side, bytesOf(blocks, maxNeeded));
  }
  return cuts;
}

/** Room for the ratings of a part, in an arena of its own. */
function emptyPart(
  { shape }: PartedInput,
  ratings: DescribedRatings,
  side: Side,
  blocks: BlockRange,
): PartInReading {
  const { blockStarts } = shape[side];
  const { offsets, columnCount } = rowsOf<RowLengths>(ratings, side);
  const [first, end] = [blockStarts[blocks.firstBlock]!, blockStarts[blocks.endBlock]!];
  const before = offsets[first]!;
  const arena = new Arena();
  const rows = allocateSparseRows(arena, {
    ...{ rowCount: end - first, columnCount },
    count: offsets[end]! - before,
  });
  for (let row = first; row <= end; row++) rows.offsets[row - first] = offsets[row]! - before;
  return { blocks, first, end, arena, rows };
}

type AddRows = (rows: SparseRows, first: number) => void;

/** Puts rows that come in order into the parts of their side. */
function adderOf(parts: readonly PartInReading[]): AddRows {
  return (rows, first) => {
    for (const part of parts) {
      const from = Math.max(first, part.first);
      const end = Math.min(first + rows.rowCount, part.end);
      if (from >= end) continue;
      const [start, stop] = [rows.offsets[from - first]!, rows.offsets[end - first]!];
      const to = part.rows.offsets[from - part.first]!;
      part.rows.columns.set(rows.columns.subarray(start, stop), to);
      part.rows.ratings.set(rows.ratings.subarray(start, stop), to);
    }
  };
}

/** Puts rows of the other side that come in order into the parts of a side of so many rows. */
function transposerOf(parts: readonly PartInReading[], rowCount: number): AddRows {
  const next = new Uint32Array(rowCount);
  const partOf = new Uint16Array(rowCount);
  for (const [number, { first, end, rows }] of parts.entries()) {
    next.set(rows.offsets.subarray(0, end - first), first);
    partOf.fill(number, first, end);
  }
  const columnsOf = parts.map(({ rows }) => rows.columns);
  const ratingsOf = parts.map(({ rows }) => rows.ratings);
  return ({ rowCount: count, offsets, columns, ratings }, first) => {
    for (let row = 0; row < count; row++) {
      for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
        const column = columns[at]!;
        const part = partOf[column]!;
        const to = next[column]!++;
        columnsOf[part]![to] = first + row;
        ratingsOf[part]![to] = ratings[at]!;
      }
    }
  };
}

/** Finds out which rows of the other side a part needs. */
function readPart(input: PartedInput, side: Side, part: PartInReading): ReadPart {
  const withheld = withheldOf(input, side);
  const measured = withheld && rowRange(withheld, part);
  const needed = neededBy(measured ? [part.rows, measured] : [part.rows]);
  return { ...part, needed, bytes: bytesOfPart(input, side, part.blocks, needed.length) };
}

/** Renumbers the columns of a part, and lays it out. */
function finish(input: PartedInput, side: Side, part: ReadPart): OwnedPart {
  const { arena, rows, blocks, needed } = part;
  const withheld = withheldOf(input, side);
  const numbers = numbersOf(needed, rows.columnCount);
  const { columns } = rows;
  for (let entry = 0; entry < columns.length; entry++) columns[entry] = numbers[columns[entry]!]!;
  const own = {
    ratings: sparseLayout(rows),
    ...(withheld && { heldOut: sparseLayout(copyEntries(withheld, part, numbers, arena)) }),
  };
  return layOutPart(input, side, blocks, { arena, own, needed });
}

function sumOf<Of>(list: readonly Of[], bytesOf: (each: Of) => number): number {
  return list.reduce((sum, each) => sum + bytesOf(each), 0);
}

/** Rows `first` … `end` − 1 of a matrix. Views: offsets count from the first entry of all. */
function rowRange(rows: SparseRows, { first, end }: { first: number; end: number }): SparseRows {
  return { ...rows, rowCount: end - first, offsets: rows.offsets.subarray(first, end + 1) };
}
