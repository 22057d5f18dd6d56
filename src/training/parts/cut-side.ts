import type { SparseRows } from '../../ratings/sparse-rows.js';

/** Some blocks of a side, in their order, that become one part. */
export interface Cut {
  readonly firstBlock: number;
  /** Exclusive. */
  readonly endBlock: number;
  /** Rows of the other side that they have ratings of, ascending. */
  readonly needed: Uint32Array;
}

/** What a side is cut by. */
export interface CutInput {
  /** Ratings of the side's rows, those withheld too where blocks measure them. */
  readonly ratings: readonly SparseRows[];
  readonly blockStarts: readonly number[];
  /** Bytes of a part of these blocks with so many needed rows. */
  readonly bytesOf: (firstBlock: number, endBlock: number, needed: number) => number;
  /** Whether a part may have so many bytes; a part of one block is made whatever it has. */
  readonly fits: (bytes: number) => boolean;
}

/** Cuts a side into as few parts as its blocks make in their order. Reads all its ratings once. */
export function cutSide({ ratings, blockStarts, bytesOf, fits }: CutInput): Cut[] {
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
    let added = 0;
    for (const rows of ratings) added += mark(rows, first, end, block + 1, marks);
    if (block > firstBlock && !fits(bytesOf(firstBlock, block + 1, count + added))) {
      close(block);
      count = 0;
      added = 0;
      for (const rows of ratings) added += mark(rows, first, end, block + 1, marks);
    }
    count += added;
  }
  close(blockCount);
  return cuts;
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
