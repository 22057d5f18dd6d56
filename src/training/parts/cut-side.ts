import type { RowLengths, SparseRows } from '../../ratings/sparse-rows.js';

/** Some blocks of a side, in their order, that become one part. */
export interface BlockRange {
  readonly firstBlock: number;
  /** Exclusive. */
  readonly endBlock: number;
}

/** A part to be, and the rows of the other side that its blocks have ratings of, ascending. */
export interface Cut extends BlockRange {
  readonly needed: Uint32Array;
}

/** What a side is cut by. */
export interface CutInput {
  /** Ratings of the side's rows, those withheld too where blocks measure them. */
  readonly ratings: readonly SparseRows[];
  readonly blockStarts: readonly number[];
  /** Whether these blocks fit a part with so many needed rows; a part of one block is made anyway. */
  readonly fits: (blocks: BlockRange, needed: number) => boolean;
}

/** Cuts a side into as few parts as its blocks make in their order. Reads all its ratings once. */
export function cutSide({ ratings, blockStarts, fits }: CutInput): Cut[] {
  const blockCount = blockStarts.length - 1;
  const { columnCount } = ratings[0]!;
  const cuts: Cut[] = [];
  /** By row of the other side: the block of this part that needed it first, plus 1; 0 if none does. */
  const marks = new Uint16Array(columnCount);
  let firstBlock = 0;
  let count = 0;
  const close = (endBlock: number): void => {
    cuts.push({ firstBlock, endBlock, needed: markedBy(marks, endBlock) });
    marks.fill(0);
    firstBlock = endBlock;
  };
  for (let block = 0; block < blockCount; block++) {
    const [first, end] = [blockStarts[block]!, blockStarts[block + 1]!];
    const markBlock = (): number =>
      ratings.reduce((added, rows) => added + mark(rows, first, end, block + 1, marks), 0);
    let added = markBlock();
    if (block > firstBlock && !fits({ firstBlock, endBlock: block + 1 }, count + added)) {
      close(block);
      count = 0;
      added = markBlock();
    }
    count += added;
  }
  close(blockCount);
  return cuts;
}

/**
 * The same by the lengths of rows alone: a part is taken to need a row of the other side for each of its
 * ratings, or all of them.
 */
export function cutByCounts({
  lengths,
  blockStarts,
  fits,
}: Pick<CutInput, 'blockStarts' | 'fits'> & {
  /** Of the side's ratings, and those withheld too where blocks measure them. */
  readonly lengths: readonly RowLengths[];
}): (BlockRange & { readonly maxNeeded: number })[] {
  const blockCount = blockStarts.length - 1;
  const { columnCount } = lengths[0]!;
  const cut = (firstBlock: number, endBlock: number) => {
    const [first, end] = [blockStarts[firstBlock]!, blockStarts[endBlock]!];
    let entries = 0;
    for (const { offsets } of lengths) entries += offsets[end]! - offsets[first]!;
    return { firstBlock, endBlock, maxNeeded: Math.min(columnCount, entries) };
  };
  const cuts = [cut(0, 1)];
  for (let block = 1; block < blockCount; block++) {
    const longer = cut(cuts.at(-1)!.firstBlock, block + 1);
    if (fits(longer, longer.maxNeeded)) cuts[cuts.length - 1] = longer;
    else cuts.push(cut(block, block + 1));
  }
  return cuts;
}

/** The columns that rows of some matrices, at least one, have entries in, ascending. */
export function neededBy(matrices: readonly SparseRows[]): Uint32Array {
  const marks = new Uint16Array(matrices[0]!.columnCount);
  for (const rows of matrices) mark(rows, 0, rows.rowCount, 1, marks);
  return markedBy(marks, 1);
}

/** Marks columns of rows `first` to `end` that have no mark. Returns how many had none. */
function mark(
  { offsets, columns }: SparseRows,
  first: number,
  end: number,
  value: number,
  marks: Uint16Array,
): number {
  let added = 0;
  const endEntry = offsets[end]!;
  for (let at = offsets[first]!; at < endEntry; at++) {
    const column = columns[at]!;
    if (marks[column] !== 0) continue;
    marks[column] = value;
    added++;
  }
  return added;
}

/** Columns with a mark of at most `most`, ascending. */
function markedBy(marks: Uint16Array, most: number): Uint32Array {
  let count = 0;
  for (const value of marks) if (value !== 0 && value <= most) count++;
  const columns = new Uint32Array(count);
  let at = 0;
  for (let column = 0; column < marks.length; column++) {
    const value = marks[column]!;
    if (value !== 0 && value <= most) columns[at++] = column;
  }
  return columns;
}
